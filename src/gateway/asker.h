// How several models are asked for one request. api/ implements it over the port Line, in the dialect of the request.
#pragma once

#include <optional>
#include <string>

#include "base/ids.h"
#include "base/task.h"
#include "base/units.h"

namespace orchestra {

// One question to one model.
struct Question {
  std::string model;                  // a name as callers write it
  std::optional<std::string> prompt;  // asked in place of the request's last message
  bool verdict = false;               // `prompt` is a judge's: nothing else of the request goes with it
  bool probabilities = false;         // the probabilities of its tokens are wanted, where its provider has them
  std::optional<Micros> limit;        // of the whole answer
  std::string only;                   // the provider that alone may answer; empty: any
  bool remote = false;                // no model of this machine may
};

struct Reply {
  RequestId id;       // its own, which the ledger knows
  std::string model;  // that answered, as `provider/model`; the asked name where none did
  std::string text;
  std::string finish_reason;
  std::string dropped;               // what of the request its provider cannot say, with commas
  std::int64_t tokens = 0;           // of the answer
  std::optional<double> confidence;  // the mean probability of its tokens
  std::optional<MicroUsd> cost;      // where it is known
  Micros took{};
  std::optional<Error> error;  // instead of the answer
};

class Asker {
 public:
  virtual ~Asker() = default;
  // Walks the line to its end and is settled by itself. Never fails: an error is in the reply.
  virtual Task<Reply> ask(Question question) = 0;
};

}  // namespace orchestra
