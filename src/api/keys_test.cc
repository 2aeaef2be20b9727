#include "api/keys.h"

namespace orchestra {
namespace {

HttpRequest with(std::string name, std::string value) {
  HttpRequest request;
  request.fields.add(std::move(name), std::move(value));
  return request;
}

TEST(ApiKeys, WithoutKeysEverybodyMayEnter) {
  const auto caller = ApiKeys({}).authenticate(HttpRequest{});
  ASSERT_TRUE(caller.has_value());
  EXPECT_TRUE(caller->admin);
}

TEST(ApiKeys, TakesEachSpellingAndRefusesTheRest) {
  const ApiKeys keys({{.name = "ci", .sha256 = sha256_hex("secret"), .tenant = "team", .admin = false}});
  for (const auto& request :
       {with("Authorization", "Bearer secret"), with("authorization", "bearer secret"),
        with("authorization", "Bearer   secret"), with("X-Api-Key", "secret"), with("api-key", "secret")}) {
    const auto caller = keys.authenticate(request);
    ASSERT_TRUE(caller.has_value());
    EXPECT_EQ(caller->key_name, "ci");
    EXPECT_EQ(caller->tenant, "team");
    EXPECT_FALSE(caller->admin);
  }
  for (const auto& request : {HttpRequest{}, with("Authorization", "Basic secret"), with("x-api-key", "secre"),
                              with("x-api-key", sha256_hex("secret")), with("Authorization", "Bearer "),
                              with("Authorization", "Bearer   ")}) {
    EXPECT_EQ(keys.authenticate(request).error().fault, Fault::kUnauthenticated);
  }
}

}  // namespace
}  // namespace orchestra
