#include "policy/merge/merge.h"

#include <gmock/gmock.h>

#include <set>
#include <vector>

#include "base/json.h"
#include "policy/merge/agreement.h"
#include "policy/merge/chain.h"
#include "policy/merge/judge.h"
#include "policy/merge/list.h"

namespace orchestra {
namespace {

using testing::DoubleNear;
using testing::HasSubstr;
using testing::Optional;

using Answers = std::vector<MemberAnswer>;

const Merge& merge(std::string_view name) {
  const auto found = find_merge(name);
  EXPECT_TRUE(found) << name;
  return **found;
}

Merged combined(std::string_view name, const Answers& answers) {
  return merge(name).combine(answers);
}

MemberAnswer says(std::string_view text, double weight = 1) {
  return {.model = "a/m", .text = text, .weight = weight};
}

MemberAnswer sure(std::string_view text, double confidence) {
  return {.model = "a/m", .text = text, .confidence = confidence};
}

TEST(Merges, EachHasItsOwnNamesAndALine) {
  std::set<std::string_view> names;
  for (const Merge* one : merges()) {
    EXPECT_FALSE(one->summary.empty());
    EXPECT_TRUE(names.insert(one->name).second) << one->name;
    for (const auto alias : one->aliases) EXPECT_TRUE(names.insert(alias).second) << alias;
  }
  for (const auto* wanted : {"voting", "weighted", "best_confidence", "judge", "chain", "longest", "default"}) {
    EXPECT_TRUE(names.contains(wanted)) << wanted;
  }
  const auto unknown = find_merge("vooting");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, "unknown_merge");
  EXPECT_THAT(unknown.error().what, HasSubstr("best_confidence"));
}

TEST(Merges, OfOneAnswerIsThatAnswer) {
  for (const Merge* one : merges()) {
    const Merged merged = one->combine(Answers{says("Paris")});
    EXPECT_EQ(merged.text, "Paris") << one->name;
    EXPECT_EQ(merged.winner, 0U) << one->name;
  }
  EXPECT_EQ(combined("best_confidence", {says("Paris")}).confidence, std::nullopt) << "nothing is known of it";
  EXPECT_THAT(combined("best_confidence", {sure("Paris", 0.7)}).confidence, Optional(0.7));
}

TEST(Agreement, IsDicesCoefficientOfWords) {
  EXPECT_EQ(plain_words("  It's PARIS, (France)! "), "it s paris france");
  EXPECT_DOUBLE_EQ(similarity("a b c d", "A, b; e f"), 0.5);
  EXPECT_DOUBLE_EQ(similarity("a a", "a"), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(similarity("", "..."), 1);
  EXPECT_DOUBLE_EQ(similarity("x", ""), 0);
  EXPECT_TRUE(agreement(Answers{says("x")}).empty());
  EXPECT_THAT(agreement(Answers{says("a b"), says("a b"), says("c d")}),
              testing::ElementsAre(DoubleNear(0.5, 1e-9), DoubleNear(0.5, 1e-9), DoubleNear(0, 1e-9)));
}

TEST(Agreement, StandsInWhereOneAnswerHasNoProbabilities) {
  EXPECT_THAT(confidences(Answers{sure("a", 0.9), sure("b", 0.4)}), testing::ElementsAre(Optional(0.9), Optional(0.4)));
  EXPECT_THAT(confidences(Answers{sure("a b", 0.9), says("a c")}), testing::ElementsAre(Optional(0.5), Optional(0.5)))
      << "probabilities and agreement are not compared with each other";
}

TEST(AnswerKey, LooksThroughMarksButNotThroughSigns) {
  EXPECT_EQ(answer_key(" **Paris.**\n"), answer_key("paris"));
  EXPECT_EQ(answer_key("New\n York"), "new york");
  EXPECT_NE(answer_key("-5"), answer_key("5"));
  EXPECT_NE(answer_key("1.5"), answer_key("15"));
  EXPECT_EQ(answer_key("..."), "...");
}

TEST(Voting, TakesTheAnswerOfMost) {
  const Merged merged = combined("voting", {says("Rome"), says("Paris."), says("paris")});
  EXPECT_EQ(merged.text, "Paris.");
  EXPECT_EQ(merged.winner, 1U);
  EXPECT_THAT(merged.confidence, Optional(DoubleNear(2.0 / 3.0, 1e-9)));
}

TEST(Voting, OfDifferentTextsTakesTheOneThatAgreesMost) {
  const Merged merged =
      combined("voting", {says("no idea"), says("the capital is Paris"), says("Paris is the capital city")});
  EXPECT_EQ(merged.winner, 1U);
  EXPECT_THAT(merged.confidence, Optional(DoubleNear(1.0 / 3.0, 1e-9)));
}

TEST(Voting, IsDecidedWhenNobodyCanCatchUp) {
  const Merge& voting = merge("voting");
  EXPECT_TRUE(voting.decided(Answers{says("a"), says("A")}, 1, 1));
  EXPECT_FALSE(voting.decided(Answers{says("a"), says("a")}, 2, 2)) << "two more could draw";
  EXPECT_FALSE(voting.decided(Answers{says("a"), says("b")}, 1, 1));
  EXPECT_FALSE(voting.decided(Answers{says("a")}, 0, 0)) << "one answer is no vote";
  const auto* list = R"([{"class":"cup"}])";
  EXPECT_FALSE(voting.decided(Answers{says(list), says(list)}, 1, 1)) << "every list changes the shares";
}

TEST(Weighted, CountsTheWeights) {
  const Merged merged = combined("weighted", {says("Rome", 5), says("Paris", 1), says("Paris", 1)});
  EXPECT_EQ(merged.text, "Rome");
  EXPECT_THAT(merged.confidence, Optional(DoubleNear(5.0 / 7.0, 1e-9)));
  EXPECT_TRUE(merge("weighted").decided(Answers{says("Rome", 5), says("Paris", 1)}, 1, 1));
  EXPECT_FALSE(merge("weighted").decided(Answers{says("Rome", 5), says("Paris", 1)}, 1, 9));
}

TEST(BestConfidence, PrefersProbabilitiesAndThenAgreement) {
  EXPECT_EQ(combined("best_confidence", {sure("a", 0.4), sure("b", 0.9)}).text, "b");
  EXPECT_EQ(combined("default", {says("x y"), says("a b"), says("a c")}).winner, 1U);
}

TEST(Longest, TakesTheLongest) {
  EXPECT_EQ(combined("longest", {says("a"), says("abc"), says("xyz")}).text, "abc");
}

TEST(ClassLists, AreVotedOnClassByClass) {
  const Answers answers{says(R"([{"class":"cup","confidence":0.8},{"class":"mug","confidence":0.2}])"),
                        says(R"([{"label":"mug","confidence":0.9}])")};
  for (const auto* name : {"voting", "weighted"}) {
    const Merged merged = combined(name, answers);
    EXPECT_TRUE(merged.json);
    EXPECT_EQ(merged.winner, std::nullopt);
    const auto list = parse_json(merged.text).value();
    EXPECT_EQ(find_string(list.at(0), "class"), "mug");
    EXPECT_THAT(find_number(list.at(0), "confidence"), Optional(DoubleNear(0.55, 1e-9)));
    EXPECT_THAT(find_number(list.at(1), "confidence"), Optional(DoubleNear(0.4, 1e-9)));
    EXPECT_THAT(merged.confidence, Optional(DoubleNear(0.55, 1e-9)));
  }
}

TEST(ClassLists, KeepFiveAndNeverCountOneAnswerTwice) {
  const Answers many{
      says(R"([{"class":"a"},{"class":"a"},{"class":"b"},{"class":"c"},{"class":"d"},{"class":"e"},{"class":"f"}])")};
  const auto list = parse_json(combined("voting", many).text).value();
  EXPECT_EQ(list.as_array().size(), 5U);
  EXPECT_THAT(find_number(list.at(0), "confidence"), Optional(1.0));
  EXPECT_FALSE(combined("voting", {says(R"([{"class":"a"}])"), says("a")}).json) << "one answer is no list";
  EXPECT_FALSE(combined("voting", {says(R"([{"class":"a","confidence":7}])")}).json);
  EXPECT_FALSE(combined("voting", {says("[]")}).json);
}

TEST(Judge, IsShownEveryAnswerAndReadStrictly) {
  const Answers answers{says("Rome"), says("Paris")};
  const std::string prompt = judge_prompt("Capital of France?", answers);
  for (const auto* part : {"Capital of France?", "Rome", "Paris", "number=\"2\"", "from 1 to 2"}) {
    EXPECT_THAT(prompt, HasSubstr(part));
  }
  EXPECT_EQ(read_verdict("2", 2), 1U);
  EXPECT_EQ(read_verdict("The best answer is **2**.", 2), 1U);
  EXPECT_EQ(read_verdict("2, because 2 is right", 2), 1U);
  for (const auto* bad : {"", "none", "3", "0", "1 or 2", "99999999999999999999999"}) {
    EXPECT_EQ(read_verdict(bad, 2), std::nullopt) << bad;
  }
}

TEST(Judge, IsShownTheBeginningOfLongAnswersInWholeCharacters) {
  std::string text(7999, 'x');
  text += "\xC3\xA9tail";
  const std::string prompt = judge_prompt("q", Answers{says(text)});
  EXPECT_THAT(prompt, HasSubstr("x\n</answer>"));
  EXPECT_THAT(prompt, testing::Not(HasSubstr("tail")));
}

TEST(Judge, GradesByYesAndNo) {
  EXPECT_THAT(grade_prompt("q?", "an answer"), HasSubstr("an answer"));
  EXPECT_EQ(read_grade("Yes."), true);
  EXPECT_EQ(read_grade("**No**, it is wrong"), false);
  EXPECT_EQ(read_grade("Perhaps yes"), std::nullopt);
  EXPECT_EQ(read_grade(""), std::nullopt);
}

TEST(Chain, TakesTheLastAndShowsTheAnswerSoFar) {
  EXPECT_EQ(combined("chain", {says("draft"), says("final")}).text, "final");
  EXPECT_EQ(combined("chain", {says("draft"), says("final")}).confidence, std::nullopt);
  EXPECT_THAT(chain_prompt("q?", "draft"), testing::AllOf(HasSubstr("q?"), HasSubstr("draft")));
}

}  // namespace
}  // namespace orchestra
