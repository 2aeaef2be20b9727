#include "tokenizer.h"

#include <gtest/gtest.h>

namespace demo {
namespace {

std::string spelt(const Tokenizer& tokenizer, std::span<const Token> tokens) {
  std::string text;
  for (const Token token : tokens) text += tokenizer.pieces()[static_cast<std::size_t>(token)].text + "|";
  return text;
}

Tokenizer learned() {
  const std::vector<std::string> texts(4, "start the server, restart the server 8080");
  return Tokenizer::train(texts, 400);
}

TEST(Tokenizer, LearnsWholeWordsWithTheBlankBeforeThem) {
  const auto tokenizer = learned();
  EXPECT_EQ(spelt(tokenizer, tokenizer.encode("start the server")), "start|\u2581the|\u2581server|");
}

TEST(Tokenizer, NeverJoinsLettersDigitsAndSigns) {
  const auto tokenizer = learned();
  EXPECT_EQ(spelt(tokenizer, tokenizer.encode(" server,8080")), "\u2581server|,|8080|");
  EXPECT_EQ(spelt(tokenizer, tokenizer.encode(" 8080")), "\u25818080|");
}

TEST(Tokenizer, SpellsWhatItDoesNotKnowInBytes) {
  const auto tokenizer = learned();
  EXPECT_EQ(spelt(tokenizer, tokenizer.encode("\u00e9")), "<0xC3>|<0xA9>|");
  EXPECT_EQ(spelt(tokenizer, tokenizer.encode("\n")), "<0x0A>|");
}

TEST(Tokenizer, NeverReadsControlTokensFromText) {
  const auto tokenizer = learned();
  for (const Token token : tokenizer.encode("<|end|><s>")) EXPECT_GT(token, Tokenizer::kAssistant);
}

TEST(Tokenizer, IsTheSameForTheSameTexts) {
  const auto first = learned();
  const auto second = learned();
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first.pieces()[i].text, second.pieces()[i].text);
}

TEST(Tokenizer, DropoutSpellsTheSameTextInMorePieces) {
  const auto tokenizer = learned();
  Rng rng(3);
  const std::string text = " restart the server";
  const auto whole = tokenizer.encode(text);
  const auto split = tokenizer.encode(text, 0.9F, rng);
  EXPECT_GT(split.size(), whole.size());
  const auto joined = [&](const std::vector<Token>& tokens) {
    std::string result = spelt(tokenizer, tokens);
    std::erase(result, '|');
    return result;
  };
  EXPECT_EQ(joined(split), joined(whole));
}

}  // namespace
}  // namespace demo
