#include "api/router.h"

namespace orchestra {
namespace {

Route nothing() {
  return [](ApiRequest&) -> Task<void> { co_return Result<void>(); };
}

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    router_.add("GET", "/v1/models", nothing());
    router_.add("GET", "/v1/models/{model...}", nothing());
    router_.add("POST", "/api/models/{model_id...}/load", nothing());
    router_.add("GET", "/api/models/{model_id...}/status", nothing());
    router_.add("GET", "/api/v1/decisions/{request_id}", nothing());
    router_.add_open("POST", "/", nothing());
    router_.add_open("GET", "/", nothing());
  }
  Router router_;
};

TEST_F(RouterTest, LiteralsWinAndASlashAtTheEndIsAnotherPath) {
  EXPECT_NE(router_.match("GET", "/v1/models").route, nullptr);
  EXPECT_EQ(router_.match("GET", "/v1/models/").route, nullptr);
  EXPECT_TRUE(router_.match("GET", "/v1/models/").allowed.empty());
}

TEST_F(RouterTest, ParametersTakeSeveralSegmentsAndDecodeOnce) {
  EXPECT_EQ(router_.match("GET", "/v1/models/openai/gpt-4o").path.at("model"), "openai/gpt-4o");
  EXPECT_EQ(router_.match("GET", "/v1/models/openai%2Fgpt-4o").path.at("model"), "openai/gpt-4o");
  EXPECT_EQ(router_.match("GET", "/v1/models/a%252Fb").path.at("model"), "a%2Fb");
  EXPECT_EQ(router_.match("POST", "/api/models/local/llama3.2:8b/load").path.at("model_id"), "local/llama3.2:8b");
  EXPECT_EQ(router_.match("GET", "/api/v1/decisions/a/b").route, nullptr);
}

TEST_F(RouterTest, SaysWhichMethodsAPathTakes) {
  const auto match = router_.match("DELETE", "/v1/models");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, "GET");
  EXPECT_EQ(router_.match("GET", "/api/models/x/load").allowed, "POST");
}

TEST_F(RouterTest, HeadFallsBackToGetAndOpenPathsNeedNoKey) {
  EXPECT_NE(router_.match("HEAD", "/v1/models").route, nullptr);
  EXPECT_TRUE(router_.match("HEAD", "/v1/models").needs_key);
  EXPECT_FALSE(router_.match("HEAD", "/").needs_key);
}

TEST(Query, DecodesTheFirstParameterOfAName) {
  EXPECT_EQ(query_parameter("a=1&b=x%20y+z&b=2", "b"), "x y z");
  EXPECT_EQ(query_parameter("a", "a"), "");
  EXPECT_EQ(query_parameter("", "a"), std::nullopt);
  EXPECT_EQ(percent_decode("100%&%4", false), "100%&%4");
}

}  // namespace
}  // namespace orchestra
