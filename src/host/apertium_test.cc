#include "host/apertium.h"

#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <filesystem>
#include <fstream>

#include "base/ids.h"
#include "host/apertium_text.h"
#include "host/spawner.h"
#include "ports/fake_spawner.h"

namespace orchestra {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr Seconds kFar{30};

TEST(ApertiumText, WhatIsNotToBeTranslatedBecomesABlank) {
  EXPECT_EQ(to_apertium("A <b>red</b> house"), "A [\\<b\\>]red[\\<\\/b\\>] house.[]");
  EXPECT_EQ(to_apertium("Hello {name}, you owe ${sum}."), "Hello [\\{name\\}], you owe [\\$\\{sum\\}]..[]");
  EXPECT_EQ(to_apertium("See https://a.example/x?y."), "See [https:\\/\\/a.example\\/x?y]..[]");
  EXPECT_EQ(to_apertium("One\ntwo\n\nthree\n"), "One[\n]two.[][\n\n]three.[][\n]");
  EXPECT_EQ(to_apertium("3 < 4 & $5 ^ [x] @ a/b \\"), "3 \\< 4 & \\$5 \\^ \\[x\\] \\@ a\\/b \\\\.[]");
  EXPECT_EQ(to_apertium(""), ".[]");
}

TEST(ApertiumText, EveryTextComesBackAsItWas) {
  for (const std::string text :
       {"", " ", "a", "A <b class=\"x\">red</b>\n\nhouse. ", "{0} [1] ^2$ @3 /4 \\5 *6 #7 ~8 +9", "<", "<a",
        "a < b > c", "{", "{a\nb}", "line\r\nline\n", "https://x.example/.[]", "..", ".[]"}) {
    EXPECT_EQ(from_apertium(to_apertium(text)), text);
  }
}

class Apertium : public testing::Test {
 protected:
  Apertium() : run_folder_((fs::temp_directory_path() / ("apertium-" + random_secret_hex(8))).string()) {
    fs::create_directories(run_folder_ + "/data/modes");
  }
  ~Apertium() override {
    std::error_code ignored;
    fs::remove_all(run_folder_, ignored);
  }
  // A mode of the test's own, in place of a pair's pipeline.
  void install(const std::string& name, const std::string& script) {
    std::ofstream(run_folder_ + "/data/modes/" + name) << script;
  }
  ApertiumTranslator make(const std::string& data) { return {loop_, spawner_, clock_, data}; }

  Result<std::string> run(Task<std::string> task) {
    std::optional<Result<std::string>> result;
    asio::co_spawn(loop_, std::move(task),
                   asio::bind_cancellation_slot(leave_.slot(), [&](std::exception_ptr thrown, Result<std::string> ran) {
                     EXPECT_FALSE(thrown);
                     result = std::move(ran);
                   }));
    loop_.restart();
    const TimePoint by = clock_.now() + kFar;
    while (!result && clock_.now() < by) loop_.run_one_until(by);
    if (!result) return fail(Fault::kInternal, "It hangs.");
    return std::move(*result);
  }
  Result<std::string> translate(ApertiumTranslator& translator, std::string text, Micros limit = kFar) {
    return run(translator.translate({"aaa", "bbb"}, std::move(text), clock_.now() + limit));
  }
  // Until every process is reaped.
  void settle() {
    loop_.restart();
    loop_.run_for(kFar);
  }

  const std::string run_folder_;
  asio::io_context loop_{1};
  SystemClock clock_;
  asio::cancellation_signal leave_;
  PosixSpawner spawner_{loop_, {.run_folder = run_folder_ + "/run", .launcher = HOST_CHILD}};
};

TEST_F(Apertium, ListsThePairsThatAreInstalled) {
  install("aaa-bbb.mode", "cat");
  install("bbb-aaa.mode", "cat");
  install("aaa-bbb-anmor.mode", "cat");
  install("notes.txt", "");
  EXPECT_THAT(make(run_folder_ + "/data").pairs(), ElementsAre(LanguagePair{"aaa", "bbb"}, LanguagePair{"bbb", "aaa"}));
  EXPECT_THAT(make(run_folder_ + "/nowhere").pairs(), ElementsAre());
}

TEST_F(Apertium, TheTextGoesThroughTheModeAndBack) {
  install("aaa-bbb.mode", "tr a-z A-Z; echo \"$1\" >&2");
  auto translator = make(run_folder_ + "/data");
  const auto text = translate(translator, "One {x}\n\ntwo");
  ASSERT_TRUE(text) << text.error().what;
  EXPECT_EQ(*text, "ONE {X}\n\nTWO");
  const std::string longest(ApertiumTranslator::kLongestText - 1, 'a');
  EXPECT_EQ(translate(translator, longest)->size(), longest.size()) << "also where it is one line";
}

TEST_F(Apertium, SaysWhatItCannotDo) {
  install("aaa-bbb.mode", "cat; exit 3");
  auto translator = make(run_folder_ + "/data");
  EXPECT_THAT(translate(translator, "x").error().what, HasSubstr("without a translation"));
  EXPECT_EQ(translate(translator, std::string(ApertiumTranslator::kLongestText + 1, 'a')).error().fault,
            Fault::kTooLarge);
  EXPECT_EQ(run(translator.translate({"aaa", "xxx"}, "x", clock_.now() + kFar)).error().fault, Fault::kUnsupported);
}

TEST_F(Apertium, AStuckProcessIsEndedAtTheDeadline) {
  install("aaa-bbb.mode", "sleep 3600");
  auto translator = make(run_folder_ + "/data");
  const auto text = translate(translator, "x", Millis(50));
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().fault, Fault::kTimeout);
  settle();
  EXPECT_TRUE(fs::is_empty(run_folder_ + "/run")) << "the record of its process is gone";
}

TEST_F(Apertium, ACallerWhoLeavesEndsTheProcess) {
  FakeSpawner fake(loop_);
  install("aaa-bbb.mode", "cat");
  ApertiumTranslator translator(loop_, fake, clock_, run_folder_ + "/data");
  asio::post(loop_, [&] { asio::post(loop_, [&] { leave_.emit(asio::cancellation_type::terminal); }); });
  EXPECT_EQ(translate(translator, "x").error().fault, Fault::kCancelled);
  loop_.restart();
  loop_.run_for(Millis(1));
  for (const auto& child : fake.children) EXPECT_FALSE(child->alive);
}

TEST_F(Apertium, NoMoreThanAFewRunAtOnce) {
  FakeSpawner fake(loop_);
  install("aaa-bbb.mode", "cat");
  ApertiumTranslator translator(loop_, fake, clock_, run_folder_ + "/data");
  std::vector<Result<std::string>> ended;
  for (std::size_t i = 0; i <= ApertiumTranslator::kMostAtOnce; ++i) {
    asio::co_spawn(loop_, translator.translate({"aaa", "bbb"}, "x", clock_.now() + kFar),
                   [&](std::exception_ptr, Result<std::string> ran) { ended.push_back(std::move(ran)); });
  }
  // Those that were started never end; the one too many is told at once.
  fake.on_spawn = [](FakeChild& child) { child.ends_when_asked = false; };
  const TimePoint by = clock_.now() + kFar;
  while (ended.empty() && clock_.now() < by) loop_.run_one_until(by);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended.front().error().fault, Fault::kUnavailable);
  EXPECT_EQ(fake.children.size(), ApertiumTranslator::kMostAtOnce);
  EXPECT_EQ(fake.children.front()->said, "x.[]");
}

TEST_F(Apertium, TheRealProgramTranslates) {
  auto translator = make("");
  const auto installed = translator.pairs();
  if (std::ranges::find(installed, LanguagePair{"eng", "spa"}) == installed.end()) {
    GTEST_SKIP() << "apertium-eng-spa is not installed; scripts/deps --dev does it";
  }
  const auto english = [&](std::string text) {
    return run(translator.translate({"eng", "spa"}, std::move(text), clock_.now() + kFar)).value_or("");
  };
  EXPECT_EQ(english("The house is big."), "La casa es grande.");
  EXPECT_EQ(english("I see the <b>red house</b>.\n\nxyzzyq"), "Veo la <b>casa roja</b>.\n\nxyzzyq")
      << "markup stays, and no word that it does not know is marked";
  EXPECT_EQ(run(translator.translate({"spa", "eng"}, "La casa es grande", clock_.now() + kFar)).value_or(""),
            "The house is big");
}

}  // namespace
}  // namespace orchestra
