// An asker that answers from a table, after a silence in real time.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "gateway/asker.h"

namespace orchestra {

struct FakeReply {
  std::string text;
  std::optional<double> confidence = {};
  std::optional<Error> error = {};
  Micros after{};
};

class FakeAsker final : public Asker {
 public:
  explicit FakeAsker(const Clock& clock) : clock_(clock) {}

  Task<Reply> ask(Question question) override {
    asked.push_back(question);
    if (on_ask) on_ask();
    const FakeReply given = replies[question.model];
    Reply reply{.id = RequestId::make(clock_.wall()), .model = "p/" + question.model, .text = given.text};
    const Micros silence = std::min(given.after, question.limit.value_or(given.after));
    if (given.after.count() > 0 && !co_await sleep_until(clock_.now() + silence)) {
      ++cut;
      reply.error = Error{.fault = Fault::kCancelled, .what = "The caller left."};
    } else if (silence < given.after) {
      reply.error = Error{.fault = Fault::kTimeout, .what = "Too late."};
    } else {
      reply.confidence = given.confidence;
      reply.error = given.error;
    }
    co_return reply;
  }

  std::map<std::string, FakeReply> replies;
  std::vector<Question> asked;
  std::function<void()> on_ask;
  int cut = 0;  // questions that were cancelled under way

 private:
  const Clock& clock_;
};

}  // namespace orchestra
