#include "corpus.h"

#include <gtest/gtest.h>

#include <fstream>

namespace demo {
namespace {

class CorpusTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }

  std::filesystem::path folder_;
};

TEST(Corpus, HoldsTheFactsThatItPromises) {
  const auto facts = read_corpus(std::filesystem::path(ORCHESTRA_DEMO_RECIPE) / "corpus");
  ASSERT_TRUE(facts) << facts.error();
  std::size_t counted = 0;
  for (const Fact& fact : *facts) {
    if (!fact.counted) continue;
    ++counted;
    EXPECT_EQ(fact.asked.size(), 4U) << fact.id;
    EXPECT_FALSE(fact.held_out.empty()) << fact.id;
  }
  EXPECT_GE(counted, 300U);
}

TEST_F(CorpusTest, ReadsFactsBeforeSmallTalk) {
  write("talk-a.yaml", "- id: hi\n  answer: Hello.\n  asked: [hello]\n");
  write("facts-b.yaml", "- id: run\n  answer: make run\n  asked: [start it, run it]\n  held_out: launch\n");
  const auto facts = read_corpus(folder_);
  ASSERT_TRUE(facts) << facts.error();
  ASSERT_EQ(facts->size(), 2U);
  EXPECT_EQ(facts->at(0).id, "run");
  EXPECT_EQ(facts->at(0).held_out, "launch");
  EXPECT_TRUE(facts->at(0).counted);
  EXPECT_FALSE(facts->at(1).counted);
}

TEST_F(CorpusTest, RefusesAHeldOutWordingThatIsAlsoTaught) {
  write("facts-a.yaml", "- id: a\n  answer: A.\n  asked: [How]\n  held_out: ' how '\n");
  const auto facts = read_corpus(folder_);
  ASSERT_FALSE(facts);
  EXPECT_NE(facts.error().find("occurs twice"), std::string::npos);
}

TEST_F(CorpusTest, NamesTheFileOfAMissingField) {
  write("facts-a.yaml", "- id: a\n  asked: [How]\n");
  const auto facts = read_corpus(folder_);
  ASSERT_FALSE(facts);
  EXPECT_NE(facts.error().find("facts-a.yaml"), std::string::npos);
}

TEST_F(CorpusTest, RefusesAnEmptyFolder) {
  EXPECT_FALSE(read_corpus(folder_));
}

TEST(NormalizeQuestion, IsWhatTheChatTemplateDoes) {
  EXPECT_EQ(normalize_question("  What is GGUF? "), "what is gguf?");
  EXPECT_EQ(normalize_question("   "), "");
}

}  // namespace
}  // namespace demo
