#include "api/context.h"

#include <gtest/gtest.h>

namespace orchestra {
namespace {

class ErrorResponse : public ::testing::Test {
 protected:
  HttpResponse shaped_for(std::string_view path) { return error_response(error_, path, "req_1", WallTime{}); }

  Error error_{.fault = Fault::kUnavailable, .what = "Full.", .retry_after = Seconds(7)};
};

TEST_F(ErrorResponse, PathsOfTheOpenAiDialectHaveItsShape) {
  const HttpResponse response = shaped_for("/v1/models");
  EXPECT_EQ(response.status, 503);
  EXPECT_TRUE(response.body.starts_with(R"({"error":{"message":"Full.","type":"server_error")")) << response.body;
}

TEST_F(ErrorResponse, OtherPathsHaveTheCommonShape) {
  for (const char* path : {"/", "", "/v1", "/v1x", "/api/v1/usage"}) {
    EXPECT_TRUE(shaped_for(path).body.starts_with(R"({"detail":"Full.","code":)")) << path;
  }
}

TEST_F(ErrorResponse, CarriesItsRequestIdAndWhenToTryAgain) {
  const auto fields = shaped_for("/").fields;
  EXPECT_EQ(fields[0], (std::pair<std::string, std::string>("x-request-id", "req_1")));
  EXPECT_EQ(fields[1], (std::pair<std::string, std::string>("retry-after", "7")));
}

TEST(Refusal, HasARequestIdOfItsOwn) {
  const SystemClock clock;
  const Error error{.fault = Fault::kTooLarge, .what = "Too large."};
  const auto first = refusal_response(error, "/", clock);
  EXPECT_EQ(first.fields.at(0).first, "x-request-id");
  EXPECT_NE(first.fields.at(0).second, refusal_response(error, "/", clock).fields.at(0).second);
}

}  // namespace
}  // namespace orchestra
