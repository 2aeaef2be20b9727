// For tests: events as lines of text, so that a whole answer compares as one string.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>

#include "dialects/codec.h"

namespace orchestra {

inline std::string choice_text(int choice) {
  return choice == 0 ? std::string() : fmt::format(" choice={}", choice);
}

inline std::string event_text(const TextEvent& event) {
  return fmt::format("text \"{}\"{}\n", event.text, choice_text(event.choice));
}
inline std::string event_text(const ThinkingEvent& event) {
  return fmt::format("thinking \"{}\"{}{}{}\n", event.text,
                     event.signature.empty() ? "" : " signature=" + event.signature, event.redacted ? " redacted" : "",
                     choice_text(event.choice));
}
inline std::string event_text(const ToolCallEvent& event) {
  const std::string begin =
      event.id.empty() && event.name.empty() ? "" : fmt::format(" id={} name={}", event.id, event.name);
  return fmt::format("call {}{} \"{}\"{}\n", event.index, begin, event.arguments, choice_text(event.choice));
}
inline std::string event_text(const RefusalEvent& event) {
  return fmt::format("refusal \"{}\"{}\n", event.text, choice_text(event.choice));
}
inline std::string event_text(const EmbeddingEvent& event) {
  return fmt::format("embedding {} [{}]\n", event.index, fmt::join(event.vector, ","));
}
inline std::string event_text(const UsageEvent& event) {
  const Usage& usage = event.usage;
  return fmt::format("usage in={} out={} cached={} written={}{}\n", usage.input.count, usage.output.count,
                     usage.cached_input.count, usage.cache_write.count, usage.known ? "" : " estimated");
}
inline std::string event_text(const FinishEvent& event) {
  constexpr std::array<std::string_view, 5> kNames = {"stop", "length", "tool_calls", "content_filter", "other"};
  return fmt::format("finish {}{}{}\n", kNames[static_cast<std::size_t>(event.reason)],
                     event.stop_sequence.empty() ? "" : " " + event.stop_sequence, choice_text(event.choice));
}
inline std::string event_text(const Error& error) {
  return fmt::format("error {} {} {}\n", error.code, fault_code(error.fault), error.what);
}

// What the decoder makes of `text`, fed as two pieces that end at `cut` and at the end.
inline std::string decode_in_two(ReplyDecoder& decoder, std::string_view text, std::size_t cut) {
  std::vector<Event> events;
  std::string out;
  // Pieces are copied, so that a decoder that keeps a view of freed bytes is caught.
  auto result = decoder.feed(std::string(text.substr(0, cut)), events);
  if (result) result = decoder.feed(std::string(text.substr(cut)), events);
  if (result) result = decoder.finish(events);
  for (const Event& event : events) {
    out += std::visit([](const auto& value) { return event_text(value); }, event);
  }
  if (!result) out += event_text(result.error());
  return out;
}

}  // namespace orchestra
