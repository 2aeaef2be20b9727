// A provider that plays scripts, one per open(); the last one is played again and again. Its silences are real time, so
// its clock is the system's.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "ports/provider.h"

namespace orchestra {

// One upstream answer, as it will go.
struct FakeAnswer {
  Micros first_after{};               // silence before the first content, or before `refuses`
  std::optional<Error> refuses = {};  // instead of content
  std::vector<std::string> pieces = {"one ", "two ", "three"};
  Micros between{};                  // silence before each further piece
  std::optional<Error> breaks = {};  // instead of the end, behind the last piece
  std::optional<Usage> usage = Usage{.input = Tokens(7), .output = Tokens(3), .known = true};
  bool stream = true;  // false: a whole body, in pieces
};

class FakeProvider final : public Provider {
 public:
  explicit FakeProvider(const Clock& clock) : clock_(clock) {}

  Task<std::unique_ptr<Stream>> open(const Attempt& attempt) override {
    const FakeAnswer answer = answers.empty() ? FakeAnswer{} : answers[std::min(opens, answers.size() - 1)];
    ++opens;
    if (on_open) on_open();
    const Opening counted(opening);
    const TimePoint content_at = clock_.now() + answer.first_after;
    const TimePoint limit = std::min(attempt.first_content_by, attempt.deadline);
    if (answer.first_after.count() > 0) CO_TRY_VOID(co_await sleep_until(std::min(content_at, limit)));
    if (content_at > limit) co_return fail(Fault::kTimeout, "No first content in time.");
    if (answer.refuses) co_return fail(*answer.refuses);
    co_return std::make_unique<Answering>(*this, answer, attempt);
  }

  std::vector<FakeAnswer> answers;
  std::size_t opens = 0;
  int opening = 0;  // open() calls under way
  int alive = 0;    // streams not yet destroyed
  std::function<void()> on_open;

 private:
  struct Opening {
    explicit Opening(int& given) : count(given) { ++count; }
    ~Opening() { --count; }
    Opening(const Opening&) = delete;
    Opening& operator=(const Opening&) = delete;
    int& count;
  };

  class Answering final : public Stream {
   public:
    Answering(FakeProvider& owner, FakeAnswer answer, const Attempt& attempt)
        : owner_(owner), answer_(std::move(answer)) {
      ++owner_.alive;
      head_.stream = answer_.stream;
      head_.form = attempt.candidate.form;
      head_.model = attempt.candidate.model.text;
    }
    ~Answering() override { --owner_.alive; }
    const Head& head() const noexcept override { return head_; }
    Tally tally() const noexcept override { return tally_; }
    Task<Chunk> next() override {
      if (sent_ > 0 && answer_.between.count() > 0) {
        CO_TRY_VOID(co_await sleep_until(owner_.clock_.now() + answer_.between));
      }
      if (sent_ == answer_.pieces.size()) {
        if (answer_.breaks) co_return fail(*answer_.breaks);
        co_return Chunk{.marks = finish()};
      }
      Chunk chunk{.wire = answer_.pieces[sent_++], .marks = kContent};
      tally_.content_events += Tokens(1);
      if (sent_ == answer_.pieces.size() && !answer_.breaks) chunk.marks |= finish();
      co_return chunk;
    }

   private:
    std::uint8_t finish() {
      tally_.finished = true;
      if (!answer_.usage) return kEnd;
      tally_.usage = *answer_.usage;
      return kEnd | kUsage;
    }
    FakeProvider& owner_;
    FakeAnswer answer_;
    Head head_;
    Tally tally_;
    std::size_t sent_ = 0;
  };

  const Clock& clock_;
};

class FakeProviders final : public Providers {
 public:
  explicit FakeProviders(const Clock& clock) : clock_(clock) {}
  Provider* find(std::string_view name) noexcept override {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &found->second;
  }
  // The provider of that name, made on first use.
  FakeProvider& operator[](const std::string& name) { return by_name_.try_emplace(name, clock_).first->second; }

 private:
  const Clock& clock_;
  std::map<std::string, FakeProvider, std::less<>> by_name_;
};

}  // namespace orchestra
