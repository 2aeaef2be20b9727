#include "dialects/openai_relay.h"

#include <algorithm>
#include <bitset>

#include "dialects/broken_answer.h"
#include "dialects/json_cursor.h"
#include "dialects/openai_error.h"
#include "dialects/openai_usage.h"
#include "dialects/sse.h"

namespace orchestra {
namespace {

using Kind = JsonCursor::Kind;
using Text = JsonCursor::Text;

constexpr std::size_t kMostChoices = 256;
constexpr std::string_view kDone = "data: [DONE]\n\n";

// What one chunk or body says, as far as a relay must know.
struct Reading {
  bool error = false, usage = false;
  int choices = 0;
  int contents = 0;  // choices that say something
  Usage counts;
};

// Reads chunks and bodies: they have the same members, but for delta and message.
class Reader {
 public:
  // False if `text` is not a JSON object.
  bool read(std::string_view text, Reading& reading) {
    JsonCursor cursor(text);
    if (!cursor.enter_object()) return false;
    Text key;
    fresh_seen_.reset();
    fresh_finished_.reset();
    while (cursor.next_member(key)) member(cursor, key.raw, reading);
    if (!cursor.at_end()) return false;
    // Half an event says nothing: its end may be in what was cut off.
    seen_ |= fresh_seen_;
    finished_ |= fresh_finished_;
    return true;
  }
  bool all_finished() const noexcept { return seen_.any() && seen_ == finished_; }

 private:
  void member(JsonCursor& cursor, std::string_view name, Reading& reading) {
    if (name == "choices" && cursor.peek() == Kind::kArray) {
      cursor.enter_array();
      while (cursor.next_element()) choice(cursor, reading);
    } else if (name == "usage") {
      reading.usage = read_openai_usage(cursor, reading.counts) || reading.usage;
    } else if (name == "error") {
      reading.error = cursor.peek() != Kind::kNull;
      cursor.skip();
    } else if (name == "data" && cursor.peek() == Kind::kArray) {  // embeddings, pictures
      cursor.enter_array();
      while (cursor.next_element() && cursor.skip()) ++reading.contents;
    } else if (name == "object" && cursor.peek() == Kind::kString) {
      Text text;
      if (cursor.string(text) && text.raw == "error") reading.error = true;  // vLLM
    } else if (name == "x_groq" && cursor.peek() == Kind::kObject) {
      Text key;
      cursor.enter_object();
      while (cursor.next_member(key)) nested_usage(cursor, key.raw, reading);
    } else {
      cursor.skip();
    }
  }

  static void nested_usage(JsonCursor& cursor, std::string_view name, Reading& reading) {
    if (name != "usage") {
      cursor.skip();
      return;
    }
    reading.usage = read_openai_usage(cursor, reading.counts) || reading.usage;
  }

  void choice(JsonCursor& cursor, Reading& reading) {
    if (cursor.peek() != Kind::kObject) {
      cursor.skip();
      return;
    }
    ++reading.choices;
    std::size_t index = 0;
    bool finished = false;
    bool content = false;
    Text key;
    cursor.enter_object();
    while (cursor.next_member(key)) {
      if (key.raw == "index") {
        index = static_cast<std::size_t>(std::clamp<std::int64_t>(cursor.integer().value_or(0), 0, kMostChoices - 1));
      } else if (key.raw == "delta" || key.raw == "message") {
        content = speaks(cursor) || content;
      } else if (key.raw == "text") {
        content = says(cursor) || content;
      } else if (key.raw == "finish_reason") {
        finished = cursor.peek() != Kind::kNull;
        cursor.skip();
      } else {
        nested_usage(cursor, key.raw, reading);  // Moonshot puts its counts here
      }
    }
    fresh_seen_.set(index);
    if (finished) fresh_finished_.set(index);
    if (content) ++reading.contents;
  }

  // A delta says something if any member but the role does: content, tool_calls, refusal, reasoning, audio, ...
  static bool speaks(JsonCursor& cursor) {
    if (cursor.peek() != Kind::kObject) {
      cursor.skip();
      return false;
    }
    bool spoken = false;
    Text key;
    cursor.enter_object();
    while (cursor.next_member(key)) {
      const bool said = says(cursor);
      spoken = spoken || (said && key.raw != "role");
    }
    return spoken;
  }

  // Consumes a value; false for null, "", [] and {}.
  static bool says(JsonCursor& cursor) {
    Text text;
    switch (cursor.peek()) {
      case Kind::kString: return cursor.string(text) && !text.raw.empty();
      case Kind::kNull: cursor.skip(); return false;
      case Kind::kArray:
      case Kind::kObject: {
        Span value;
        return cursor.skip(value) && value.length > 2;
      }
      default: return cursor.skip();
    }
  }

  std::bitset<kMostChoices> seen_, finished_, fresh_seen_, fresh_finished_;
};

// The passed-on bytes: one view as long as the events lie side by side, else a copy.
class Outgoing {
 public:
  void clear() {
    view_ = {};
    copied_ = false;
  }
  void append(std::string_view raw) {
    if (!copied_ && (view_.empty() || view_.data() + view_.size() == raw.data())) {
      view_ = view_.empty() ? raw : std::string_view(view_.data(), view_.size() + raw.size());
      return;
    }
    if (!copied_) copy_.assign(view_);
    copied_ = true;
    copy_ += raw;
    view_ = copy_;
  }
  std::string_view view() const noexcept { return view_; }

 private:
  std::string_view view_;
  std::string copy_;
  bool copied_ = false;
};

class StreamRelay final : public RelayScanner {
 public:
  explicit StreamRelay(bool hide_usage) : hide_usage_(hide_usage) {}

  Result<Scanned> feed(std::string_view bytes) override {
    if (error_) return fail(*error_);
    outgoing_.clear();
    marks_ = kNothing;
    if (tally_.finished) return Scanned{};
    splitter_.feed(bytes);
    while (!tally_.finished && !error_) {
      auto event = splitter_.next();
      if (!event) {
        error_ = std::move(event.error());
      } else if (!*event) {
        break;
      } else {
        take(**event);
      }
    }
    return scanned();
  }

  Result<Scanned> finish() override {
    if (error_) return fail(*error_);
    outgoing_.clear();
    marks_ = kNothing;
    if (tally_.finished) return Scanned{};
    if (const auto rest = splitter_.rest(); rest && !rest->data.empty()) {
      closed_ = std::string(rest->raw);
      while (closed_.ends_with('\n') || closed_.ends_with('\r')) closed_.pop_back();
      closed_ += "\n\n";
      take(SseEvent{.raw = closed_, .data = rest->data, .name = rest->name, .has_data = true});
      // Half an event does not parse: the stream was cut, which only matters if the answer was not complete.
      if (error_ && error_->code == "upstream_invalid_response") error_.reset();
      if (error_) return fail(*error_);
    }
    if (!tally_.finished && !reader_.all_finished()) return fail(answer_broke_off());
    // Some services leave the end mark out; callers wait for it.
    if (!tally_.finished) outgoing_.append(kDone);
    tally_.finished = true;
    marks_ |= kEnd;
    return scanned();
  }

  const Tally& tally() const noexcept override { return tally_; }

 private:
  void take(const SseEvent& event) {
    if (!event.has_data || event.data.empty()) {
      outgoing_.append(event.raw);
      return;
    }
    if (event.data == "[DONE]" || event.data == "[DONE] ") {
      tally_.finished = true;
      marks_ |= kEnd;
      outgoing_.append(event.raw);
      return;
    }
    Reading reading;
    if (!reader_.read(event.data, reading)) {
      error_ = event.name == "error" ? decode_openai_error(0, event.data) : answer_unreadable("an event");
      return;
    }
    if (reading.error || event.name == "error") {
      error_ = decode_openai_error(0, event.data);
      return;
    }
    if (reading.usage) {
      tally_.usage = reading.counts;
      marks_ |= kUsage;
    }
    if (reading.contents > 0) {
      tally_.content_events += Tokens(reading.contents);
      marks_ |= kContent;
    }
    if (hide_usage_ && reading.usage && reading.choices == 0) return;
    outgoing_.append(event.raw);
  }

  // Events before an error are passed on first; the error is the next result.
  Result<Scanned> scanned() {
    if (error_ && outgoing_.view().empty()) return fail(*error_);
    return Scanned{.wire = outgoing_.view(), .marks = marks_};
  }

  bool hide_usage_;
  SseSplitter splitter_;
  Reader reader_;
  Outgoing outgoing_;
  std::string closed_;
  Tally tally_;
  std::optional<Error> error_;
  std::uint8_t marks_ = kNothing;
};

class BodyRelay final : public RelayScanner {
 public:
  Result<Scanned> feed(std::string_view bytes) override {
    if (body_.size() + bytes.size() > kMaxAnswer) {
      return fail(answer_too_large());
    }
    body_ += bytes;
    return Scanned{};
  }

  Result<Scanned> finish() override {
    Reading reading;
    if (!Reader().read(body_, reading)) return fail(answer_unreadable("an answer"));
    if (reading.error) return fail(decode_openai_error(0, body_));
    // A proxy's {} or {"status":"ok"} is no answer: another candidate may have one.
    if (reading.choices == 0 && reading.contents == 0) return fail(answer_unreadable("an answer"));
    std::uint8_t marks = kContent | kEnd;
    if (reading.usage) {
      tally_.usage = reading.counts;
      marks |= kUsage;
    }
    tally_.content_events = Tokens(reading.contents);
    tally_.finished = true;
    return Scanned{.wire = body_, .marks = marks};
  }

  const Tally& tally() const noexcept override { return tally_; }

 private:
  std::string body_;
  Tally tally_;
};

}  // namespace

std::unique_ptr<RelayScanner> openai_stream_relay(bool hide_usage) {
  return std::make_unique<StreamRelay>(hide_usage);
}

std::unique_ptr<RelayScanner> openai_body_relay() {
  return std::make_unique<BodyRelay>();
}

}  // namespace orchestra
