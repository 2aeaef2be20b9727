// What the ledger keeps of one request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/units.h"
#include "domain/plan.h"
#include "domain/usage.h"

namespace orchestra {

enum class Outcome : std::uint8_t {
  kAnswered,     // whole answer delivered
  kFailed,       // an error answer was sent, or an error event ended the stream
  kAbandoned,    // the caller left
  kInterrupted,  // the server died in between; booked at its reservation at the next start
};

// Before the upstream call.
struct SpendOpened {
  RequestId id;
  WallTime at;
  std::string tenant;
  std::string asked;  // model name as asked for; empty when it led to no model
  TaskKind task = TaskKind::kChat;
  ModelId model;  // first candidate
  MicroUsd reserve;
  bool price_known = false;
};

// After it. `cost` is meaningful only when `cost_known`.
struct SpendSettled {
  Outcome outcome = Outcome::kAnswered;
  ModelId model;     // the one that answered, or was tried last
  int status = 200;  // what the caller got
  Usage usage;
  MicroUsd cost;
  bool cost_known = false;
  Micros latency{};        // whole
  Micros first_content{};  // 0: none came
  bool stream = false;
  DecisionPtr decision;  // null when none was made (e.g. an unknown model)
  std::vector<AttemptRecord> attempts;
};

}  // namespace orchestra
