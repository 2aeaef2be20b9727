#include <gmock/gmock.h>

#include <string>

#include "policy/checks/json_schema.h"
#include "policy/checks/pattern.h"

namespace orchestra {
namespace {

using testing::HasSubstr;

bool matches(std::string_view pattern, std::string_view text) {
  const auto compiled = Pattern::compile(pattern);
  EXPECT_TRUE(compiled) << pattern;
  return compiled && compiled->matches(text);
}

TEST(Pattern, MatchesSomewhereUnlessAnchored) {
  EXPECT_TRUE(matches("Paris", "The capital\nis Paris\n."));
  EXPECT_FALSE(matches("Rome", "The capital is Paris."));
  EXPECT_TRUE(matches("^\\d{1,3}$", "42"));
  EXPECT_FALSE(matches("^\\d+$", "x42"));
  EXPECT_FALSE(matches("^\\d+$", "42x"));
  EXPECT_TRUE(matches("a|b", "xxb"));
  EXPECT_TRUE(matches("\\b1969\\b", "In July 1969."));
  EXPECT_FALSE(matches("\\b1969\\b", "19690"));
}

TEST(Pattern, RefusesWhatCouldHoldUpTheLoop) {
  for (const auto& bad : {std::string(), std::string(257, 'a'), std::string("("), std::string("[a"),
                          std::string("(a)\\1"), std::string("(?=a)"), std::string("x(?!a)"), std::string("a{101}"),
                          std::string("(a{11}){10}"), std::string("a{2,99999999999999999999}")}) {
    const auto refused = Pattern::compile(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, "invalid_pattern");
    EXPECT_EQ(refused.error().fault, Fault::kUnprocessable);
  }
}

TEST(Pattern, ReadsTheBeginningOfLongTexts) {
  const std::string late = std::string(Pattern::kMostSearched, 'a') + "b";
  EXPECT_FALSE(matches("b", late));
  EXPECT_TRUE(matches("b", late.substr(1)));
  // Exponential for a matcher that goes back: it would not return.
  EXPECT_FALSE(matches("(a+)+c$", late));
}

std::optional<std::string> fault(std::string_view schema, std::string_view value) {
  const auto parsed = JsonSchema::parse(schema);
  EXPECT_TRUE(parsed) << schema;
  return parsed->fault(parse_json(value).value());
}

TEST(JsonSchema, AcceptsWhatFits) {
  constexpr auto* kPerson = R"({"type":"object","required":["name"],"additionalProperties":false,"properties":{
    "name":{"type":"string","minLength":1,"maxLength":3},"age":{"type":"integer","minimum":0,"exclusiveMaximum":200},
    "tags":{"type":"array","items":{"$ref":"#/$defs/tag"},"maxItems":2}},"$defs":{"tag":{"enum":["a",1,null]}}})";
  for (const auto* good :
       {R"({"name":"Eve"})", R"({"name":"ééé","age":7.0,"tags":["a",1.0]})", R"({"name":"x","tags":[null]})"}) {
    EXPECT_EQ(fault(kPerson, good), std::nullopt) << good;
  }
  for (const auto& [bad, what] :
       std::vector<std::pair<const char*, const char*>>{{"[]", "type"},
                                                        {"{}", "name"},
                                                        {R"({"name":""})", "/name"},
                                                        {R"({"name":"four"})", "too long"},
                                                        {R"({"name":"x","age":-1})", "/age"},
                                                        {R"({"name":"x","age":200})", "too large"},
                                                        {R"({"name":"x","age":1.5})", "integer"},
                                                        {R"({"name":"x","tags":["a","b"]})", "/tags/1"},
                                                        {R"({"name":"x","tags":["a","a","a"]})", "/tags"},
                                                        {R"({"name":"x","more":1})", "/more"}}) {
    const auto found = fault(kPerson, bad);
    ASSERT_TRUE(found) << bad;
    EXPECT_THAT(*found, HasSubstr(what));
  }
}

TEST(JsonSchema, CombinesForms) {
  EXPECT_EQ(fault(R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "null"), std::nullopt);
  EXPECT_TRUE(fault(R"({"anyOf":[{"type":"string"},{"type":"null"}]})", "1"));
  EXPECT_TRUE(fault(R"({"oneOf":[{"type":"integer"},{"type":"number"}]})", "1")) << "it fits both";
  EXPECT_EQ(fault(R"({"oneOf":[{"type":"integer"},{"type":"number"}]})", "1.5"), std::nullopt);
  EXPECT_TRUE(fault(R"({"allOf":[{"minimum":1},{"maximum":2}]})", "3"));
  EXPECT_TRUE(fault(R"({"not":{"type":"string"}})", "\"x\""));
  EXPECT_EQ(fault(R"({"type":["string","null"],"const":null})", "null"), std::nullopt);
  EXPECT_TRUE(fault(R"({"const":1})", "2"));
}

TEST(JsonSchema, EndsWhateverTheSchemaSays) {
  EXPECT_TRUE(fault(R"({"$ref":"#"})", "1"));
  EXPECT_TRUE(fault(R"({"$ref":"#/nowhere"})", "1"));
  EXPECT_TRUE(fault(R"({"$ref":"http://example.test/schema"})", "1"));
  EXPECT_TRUE(fault(R"({"anyOf":[{"$ref":"#"},{"$ref":"#"},{"$ref":"#"}]})", "1")) << "3 to the power of 64 ways";
  EXPECT_FALSE(JsonSchema::parse("[]"));
  EXPECT_FALSE(JsonSchema::parse("{"));
}

}  // namespace
}  // namespace orchestra
