#include "policy/classify/classifier.h"

#include <gtest/gtest.h>

#include <random>

namespace orchestra {
namespace {

LabelledFeatures example(std::string_view text, std::uint8_t label) {
  const QueryFeatures features(text);
  return {.features = {features.all().begin(), features.all().end()}, .label = label};
}

// Knows four subjects.
Classifier small() {
  std::vector<LabelledFeatures> types, complexities;
  const std::vector<std::pair<const char*, std::uint8_t>> queries = {{"what is the capital of france", 0},
                                                                     {"who wrote hamlet", 0},
                                                                     {"how tall is everest", 0},
                                                                     {"fix this python function", 1},
                                                                     {"why does my sql query fail", 1},
                                                                     {"segmentation fault in c++", 1},
                                                                     {"compare the evidence on fasting", 2},
                                                                     {"a literature review of sleep", 2},
                                                                     {"analyse the causes of the war", 2},
                                                                     {"what is in this picture", 3},
                                                                     {"draw a castle", 3},
                                                                     {"transcribe the recording", 3}};
  for (const auto& [text, label] : queries) {
    types.push_back(example(text, label));
    complexities.push_back(example(text, label == 2 ? 3 : label == 1 ? 1 : 0));
  }
  return {LinearModel::trained(types, {}), LinearModel::trained(complexities, {})};
}

TEST(Classifier, LearnsWhatItIsShown) {
  const Classifier classifier = small();
  EXPECT_EQ(classifier.classify({.text = "Who wrote Faust?"}).type, QueryType::kSimple);
  EXPECT_EQ(classifier.classify({.text = "fix this python loop"}).type, QueryType::kTechnical);
  EXPECT_EQ(classifier.classify({.text = "Compare the evidence on naps."}).type, QueryType::kResearch);
  EXPECT_EQ(classifier.classify({.text = "What is in the picture?"}).type, QueryType::kMultimedia);
  EXPECT_EQ(classifier.classify({.text = "a literature review of dreams"}).complexity, Complexity::kExpert);
}

TEST(Classifier, MediaIsMultimediaWhateverTheTextSays) {
  const Classification with_picture = small().classify({.text = "fix this python loop", .has_media = true});
  EXPECT_EQ(with_picture.type, QueryType::kMultimedia);
  EXPECT_EQ(with_picture.confidence, 1);
}

TEST(Classifier, ProbabilitiesAddUpWhateverTheBytes) {
  const Classifier classifier = small();
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    std::string text(random() % 3000, '\0');
    for (char& c : text) c = static_cast<char>(random());
    const Classification query = classifier.classify({.text = text});
    float sum = 0;
    for (const float probability : query.probabilities) sum += probability;
    EXPECT_NEAR(sum, 1, 1e-4);
    EXPECT_GE(query.confidence, 0.25 - 1e-6);
  }
  EXPECT_LE(classifier.classify({}).confidence, 1);
  EXPECT_EQ(classifier.classify({.text = std::string(1'000'000, 'a')}).probabilities.size(), 4U);
}

TEST(Classifier, WhatSaysNothingIsSimpleAndHardlyBelieved) {
  for (const char* text : {"", " ", "x", "...", "? !", "a b c", "\n\n"}) {
    const Classification query = small().classify({.text = text});
    EXPECT_EQ(query.type, QueryType::kSimple) << text;
    EXPECT_EQ(query.complexity, Complexity::kSimple) << text;
    EXPECT_LT(query.confidence, 0.5) << text;
    EXPECT_LT(query.complexity_confidence, 0.5) << text;
  }
  EXPECT_EQ(small().classify({.text = "x", .has_media = true}).type, QueryType::kMultimedia);
  for (const char* text : {"plato", "7", "好"}) EXPECT_FALSE(QueryFeatures(text).says_nothing()) << text;
}

TEST(Classifier, SurvivesItsFile) {
  const Classifier classifier = small();
  const std::string bytes = classifier.bytes();
  const auto back = Classifier::read(bytes);
  ASSERT_TRUE(back) << back.error().what;
  for (const char* text : {"fix this python loop", "draw a tree", "who was plato", ""}) {
    const Classification a = classifier.classify({.text = text}), b = back->classify({.text = text});
    EXPECT_EQ(a.type, b.type) << text;
    EXPECT_NEAR(a.confidence, b.confidence, 0.02) << "eight bits a weight";
  }
}

TEST(Classifier, RefusesDamagedFiles) {
  const std::string bytes = small().bytes();
  EXPECT_FALSE(Classifier::read(""));
  EXPECT_FALSE(Classifier::read("AOQC0001"));
  EXPECT_FALSE(Classifier::read(std::string_view(bytes).substr(0, bytes.size() - 1)));
  EXPECT_FALSE(Classifier::read(bytes + "x"));
  std::string other = bytes;
  other[0] = 'B';
  EXPECT_FALSE(Classifier::read(other));
  std::string not_a_number = bytes;
  for (std::size_t i = 8; i < 12; ++i) not_a_number[i] = static_cast<char>(0xff);
  EXPECT_FALSE(Classifier::read(not_a_number));
}

TEST(Classifier, TrainingIsRepeatable) {
  EXPECT_EQ(small().bytes(), small().bytes());
}

TEST(Classifier, ReadsTheLastUserMessageAndSeesMediaAnywhere) {
  ChatRequest chat;
  chat.messages = {{.role = Role::kSystem, .content = {TextPart{"Be brief."}}},
                   {.role = Role::kUser, .content = {TextPart{"first"}}},
                   {.role = Role::kAssistant, .content = {TextPart{"answer"}}},
                   {.role = Role::kUser, .content = {TextPart{"second"}}}};
  EXPECT_EQ(view_of(Request(chat)).text.size(), 6U);
  const Request plain(chat);
  EXPECT_EQ(view_of(plain).text, "second");
  EXPECT_FALSE(view_of(plain).has_media);
  chat.messages[1].content.emplace_back(ImagePart{.url = "https://example.com/a.png"});
  EXPECT_TRUE(view_of(Request(chat)).has_media);
  EXPECT_EQ(view_of(Request(CompletionRequest{.prompts = {"once upon"}})).text.size(), 9U);
}

// A word or two must not weigh as much as a sentence: one that was never seen shares its place with others.
TEST(QueryFeatures, AFewWordsWeighLess) {
  const auto weight_of_words = [](std::string_view text) {
    double sum = 0;
    for (const auto& [bucket, value] : QueryFeatures(text).all()) {
      if (value != 0.4F && value != 0.7F) sum += static_cast<double>(value) * static_cast<double>(value);
    }
    return sum;
  };
  EXPECT_NEAR(weight_of_words("xyz"), 1.0 / 16, 1e-6);
  EXPECT_NEAR(weight_of_words("compare the evidence on nuclear and renewable energy"), 1, 1e-3);
}

TEST(QueryFeatures, AreBoundedAndIgnoreCase) {
  const QueryFeatures long_text(std::string(90'000, 'x') + " " + std::string(5000, 'y'));
  EXPECT_LE(long_text.all().size(), 2048U);
  const QueryFeatures upper("HELLO World"), lower("hello world");
  ASSERT_EQ(upper.all().size(), lower.all().size());
  for (std::size_t i = 0; i < upper.all().size(); ++i) EXPECT_EQ(upper.all()[i].bucket, lower.all()[i].bucket);
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "word ";
  EXPECT_LE(QueryFeatures(many).all().size(), 2048U);
  EXPECT_EQ(QueryFeatures(many).words(), 20'000U);
}

TEST(QueryFeatures, ReadBothEndsOfALongText) {
  std::string text = "what ";
  for (int i = 0; i < 1000; ++i) text += "filler ";
  const QueryFeatures with(text + "kubernetes"), without(text + "filler");
  const auto differs = [&] {
    for (std::size_t i = 0; i < std::min(with.all().size(), without.all().size()); ++i) {
      if (with.all()[i].bucket != without.all()[i].bucket) return true;
    }
    return with.all().size() != without.all().size();
  };
  EXPECT_TRUE(differs());
}

}  // namespace
}  // namespace orchestra
