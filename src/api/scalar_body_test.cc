#include "api/scalar_body.h"

#include <gtest/gtest.h>

namespace orchestra {
namespace {

HttpRequest request(std::string_view type, std::string body, std::string query = "") {
  HttpRequest http{.method = "POST", .path = "/v1/reason", .query = std::move(query), .body = std::move(body)};
  if (!type.empty()) http.fields.add("content-type", type);
  return http;
}

TEST(ScalarBody, JsonFormAndQuerySayTheSame) {
  for (const HttpRequest& http :
       {request("application/json", R"({"prompt":"a b+c","temperature":0.2})"),
        request("application/x-www-form-urlencoded; charset=utf-8", "prompt=a+b%2Bc&temperature=0.2"),
        request("", "", "prompt=a+b%2Bc&temperature=0.2"), request("", R"({"prompt":"a b+c"})", "temperature=0.2"),
        request("application/x-www-form-urlencoded", R"( {"prompt":"a b+c","temperature":0.2})")}) {
    auto body = read_scalars(http, {"temperature"});
    ASSERT_TRUE(body);
    EXPECT_EQ(body->text("prompt"), "a b+c");
    EXPECT_EQ(body->optional_number("temperature", 0, 2), 0.2);
    EXPECT_TRUE(body->check());
  }
}

TEST(ScalarBody, TheBodyWins) {
  auto body = read_scalars(request("", R"({"prompt":"body"})", "prompt=query"), {});
  EXPECT_EQ(body->text("prompt"), "body");
}

TEST(ScalarBody, WhatIsNoNumberStaysAText) {
  auto body = read_scalars(request("", "", "prompt=5&temperature=hot"), {"temperature"});
  EXPECT_EQ(body->text("prompt"), "5");
  body->optional_number("temperature", 0, 2);
  EXPECT_EQ(body->check().error().param, "temperature");
  EXPECT_FALSE(read_scalars(request("application/json", "[1"), {}));
}

}  // namespace
}  // namespace orchestra
