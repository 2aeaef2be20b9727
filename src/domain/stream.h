// The events of an answer, and the chunks that carry them. Pure values.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "domain/usage.h"

namespace orchestra {

// `choice` is the index among `n` answers; 0 unless the caller asked for several.
struct TextEvent {
  std::string text;
  int choice = 0;
};
struct ThinkingEvent {
  std::string text;
  std::string signature;  // set on the event that closes a thinking block
  int choice = 0;
  bool redacted = false;  // a whole block of which only `signature` may be known
};
// The first event of a call carries id and name; the following ones carry pieces of the arguments.
struct ToolCallEvent {
  int index = 0;  // the position of the call in the answer
  std::string id, name;
  std::string arguments;  // JSON text, piecewise
  int choice = 0;
};
struct RefusalEvent {
  std::string text;
  int choice = 0;
};
struct EmbeddingEvent {
  std::vector<float> vector;
  int index = 0;
};
struct UsageEvent {
  Usage usage;
};
enum class FinishReason : std::uint8_t { kStop, kLength, kToolCalls, kContentFilter, kOther };
struct FinishEvent {
  FinishReason reason = FinishReason::kStop;
  std::string stop_sequence;  // the one that ended the answer, where the upstream says so
  int choice = 0;
};
using Event =
    std::variant<TextEvent, ThinkingEvent, ToolCallEvent, RefusalEvent, EmbeddingEvent, UsageEvent, FinishEvent>;

enum Mark : std::uint8_t { kNothing = 0, kContent = 1, kUsage = 2, kEnd = 4 };

// How a candidate's answer travels: the upstream's bytes, or decoded events that the caller's dialect spells anew.
enum class Form : std::uint8_t { kRelay, kEvents };

// Borrowed: valid until the next call of Stream::next().
struct Chunk {
  std::string_view wire;          // kRelay: whole SSE events (never half an event), or body bytes
  std::span<const Event> events;  // kEvents
  std::uint8_t marks = kNothing;  // a set of Mark
};

// What is known of an answer at some moment, also after a failure.
struct Tally {
  Usage usage;
  Tokens content_events;  // content chunks seen so far: the estimate of output when no usage came
  bool finished = false;
};

// The start of an answer.
struct Head {
  int status = 200;
  bool stream = false;  // SSE follows; otherwise one whole body
  Form form = Form::kRelay;
  std::string content_type;                                  // kRelay, whole
  std::vector<std::pair<std::string, std::string>> headers;  // allow-listed upstream headers, lower-case names
  std::string model;                                         // the model that answers, as `provider/model`
  std::vector<std::string> dropped;  // request fields the target cannot say (x-orchestra-dropped)
};

}  // namespace orchestra
