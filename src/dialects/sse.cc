#include "dialects/sse.h"

#include <emmintrin.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace orchestra {
namespace {

// The first LF or CR at or behind `at`, or the size; sixteen bytes at a time (SSE2).
std::size_t find_line_end(std::string_view text, std::size_t at) noexcept {
  const __m128i line_feed = _mm_set1_epi8('\n');
  const __m128i carriage_return = _mm_set1_epi8('\r');
  for (; text.size() - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(bytes, line_feed), _mm_cmpeq_epi8(bytes, carriage_return));
    const int hits = _mm_movemask_epi8(ends);
    if (hits != 0) return at + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(hits)));
  }
  while (at < text.size() && text[at] != '\n' && text[at] != '\r') ++at;
  return at;
}

}  // namespace

void SseSplitter::feed(std::string_view bytes) noexcept {
  fed_ = bytes;
}

// The number of fed bytes up to the end of the event, or npos. Keeps the line state, so no byte is looked at twice.
std::size_t SseSplitter::find_end() noexcept {
  std::size_t at = 0;
  while (at < fed_.size()) {
    if (std::exchange(after_cr_, false) && fed_[at] == '\n') {
      ++at;
      continue;
    }
    const std::size_t end = find_line_end(fed_, at);
    const bool blank = line_empty_ && end == at;
    if (end == fed_.size()) {
      line_empty_ = false;
      return std::string_view::npos;
    }
    line_empty_ = true;
    after_cr_ = fed_[end] == '\r';
    at = end + 1;
    if (!blank) continue;
    // The LF of a blank line's CRLF belongs to this event if it is here already.
    if (after_cr_ && at < fed_.size() && fed_[at] == '\n') {
      after_cr_ = false;
      ++at;
    }
    return at;
  }
  return std::string_view::npos;
}

Result<std::optional<SseEvent>> SseSplitter::next() {
  const std::size_t end = find_end();
  const std::size_t taken = end == std::string_view::npos ? fed_.size() : end;
  if (partial_.size() + taken > max_event_) {
    return fail(Fault::kUpstream,
                fmt::format("The provider sent an event of more than {} bytes: the answer was given up.", max_event_));
  }
  const std::string_view piece = fed_.substr(0, taken);
  fed_.remove_prefix(taken);
  if (end == std::string_view::npos) {
    partial_ += piece;
    return std::nullopt;
  }
  if (partial_.empty()) return parse(piece);
  partial_ += piece;
  whole_.swap(partial_);
  partial_.clear();
  return parse(whole_);
}

std::optional<SseEvent> SseSplitter::rest() {
  if (partial_.empty()) return std::nullopt;
  whole_.swap(partial_);
  partial_.clear();
  return parse(whole_);
}

SseEvent SseSplitter::parse(std::string_view raw) {
  SseEvent event{.raw = raw};
  std::string_view left = raw;
  if (start_ && left.starts_with("\xEF\xBB\xBF")) left.remove_prefix(3);
  start_ = false;
  bool joined = false;
  while (!left.empty()) {
    const std::size_t length = find_line_end(left, 0);
    const std::string_view line = left.substr(0, length);
    const bool crlf = left.substr(length, 2) == "\r\n";
    left.remove_prefix(std::min(left.size(), length + (crlf ? 2 : 1)));

    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "event") {
      event.name = value;
    } else if (field == "data") {
      if (event.has_data && !joined) joined_ = event.data;
      joined = joined || event.has_data;
      if (joined) (joined_ += '\n') += value;
      event.data = joined ? std::string_view(joined_) : value;
      event.has_data = true;
    }
  }
  return event;
}

}  // namespace orchestra
