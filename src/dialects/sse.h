// Server-sent events, split and parsed as they arrive: WHATWG HTML, 9.2.5 and 9.2.6.
//
// Line ends are LF, CRLF or CR; a byte order mark at the start, comments and unknown fields are ignored. An event that
// lies whole within the fed bytes is lent without a copy. Belongs to one stream and one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace orchestra {

// Borrowed: `raw` and `name` until the next feed(), `data` until the next call of any kind.
struct SseEvent {
  std::string_view raw;   // the bytes of the event, its blank line included
  std::string_view data;  // the data lines, joined by LF
  std::string_view name;  // the `event` field; empty: "message"
  bool has_data = false;  // false: only comments and other fields, which a reader would not dispatch
};

class SseSplitter {
 public:
  static constexpr std::size_t kMaxEvent = std::size_t{16} << 20;

  explicit SseSplitter(std::size_t max_event = kMaxEvent) : max_event_(max_event) {}
  SseSplitter(const SseSplitter&) = delete;
  SseSplitter& operator=(const SseSplitter&) = delete;

  // Lends `bytes`, which must stay valid until next() has returned nothing. All earlier events must have been taken.
  void feed(std::string_view bytes) noexcept;
  // The next whole event; nothing when the fed bytes are used up. kUpstream when an event grows beyond the limit.
  Result<std::optional<SseEvent>> next();
  // At the end of the stream: what came without its blank line, as if that had come too. WHATWG drops it; some servers
  // leave the last line end out, so the caller decides.
  std::optional<SseEvent> rest();

 private:
  std::size_t find_end() noexcept;
  SseEvent parse(std::string_view raw);

  std::size_t max_event_;
  std::string_view fed_;
  std::string partial_;     // the beginning of an event whose end has not come yet
  std::string whole_;       // an event that began in an earlier feed
  std::string joined_;      // the data of an event with several data lines that is not in `whole_`
  bool start_ = true;       // no event was parsed yet: a byte order mark may stand here
  bool line_empty_ = true;  // nothing of the current line was seen
  bool after_cr_ = false;   // the last byte seen was CR: an LF now belongs to it
};

}  // namespace orchestra
