#include "dialects/openai_scan.h"

// Long because the table of fields and the one walk over them belong together.

#include <fmt/format.h>

#include <array>
#include <bitset>

#include "base/utf8.h"
#include "dialects/json_cursor.h"

namespace orchestra {
namespace {

using Kind = JsonCursor::Kind;
using Text = JsonCursor::Text;

constexpr unsigned bit(Kind kind) {
  return 1U << static_cast<unsigned>(kind);
}
constexpr unsigned kNullable = bit(Kind::kNull);
constexpr unsigned kBool = bit(Kind::kTrue) | bit(Kind::kFalse) | kNullable;
constexpr unsigned kNumber = bit(Kind::kNumber) | kNullable;
constexpr unsigned kObject = bit(Kind::kObject) | kNullable;
constexpr unsigned kArray = bit(Kind::kArray) | kNullable;
constexpr unsigned kString = bit(Kind::kString) | kNullable;

constexpr unsigned kInChat = 1, kInCompletion = 2, kInEmbedding = 4, kInImage = 8, kInText = kInChat | kInCompletion,
                   kInAll = kInText | kInEmbedding | kInImage;

enum class Act : std::uint8_t {
  kNone,
  kModel,
  kMessages,
  kPrompt,
  kInput,
  kStream,
  kStreamOptions,
  kMaxTokens,
  kTools,
  kResponseFormat,
};

struct Field {
  std::string_view name;
  unsigned tasks;
  unsigned kinds;
  std::string_view allowed;
  Act act = Act::kNone;  // other than kNone: may occur once
};

constexpr std::array kFields = {
    Field{"model", kInAll, bit(Kind::kString), "a string", Act::kModel},
    Field{"messages", kInChat, bit(Kind::kArray), "a non-empty array of messages", Act::kMessages},
    Field{"prompt", kInCompletion, bit(Kind::kString) | bit(Kind::kArray), "a string or an array", Act::kPrompt},
    Field{"prompt", kInImage, bit(Kind::kString), "a string", Act::kPrompt},
    Field{"input", kInEmbedding, bit(Kind::kString) | bit(Kind::kArray), "a string or an array", Act::kInput},
    Field{"stream", kInText, kBool, "true or false", Act::kStream},
    Field{"stream", kInImage, bit(Kind::kFalse) | kNullable, "false: pictures come whole"},
    Field{"size", kInImage, kString, "a string such as \"1024x1024\""},
    Field{"quality", kInImage, kString, "a string"},
    Field{"stream_options", kInText, kObject, "an object", Act::kStreamOptions},
    Field{"max_tokens", kInText, kNumber, "an integer", Act::kMaxTokens},
    Field{"max_completion_tokens", kInChat, kNumber, "an integer", Act::kMaxTokens},
    Field{"tools", kInChat, kArray, "an array of tools", Act::kTools},
    Field{"response_format", kInChat, kObject, "an object", Act::kResponseFormat},
    Field{"temperature", kInText, kNumber, "a number"},
    Field{"top_p", kInText, kNumber, "a number"},
    Field{"n", kInText | kInImage, kNumber, "an integer"},
    Field{"stop", kInText, kString | kArray, "a string or an array of strings"},
    Field{"presence_penalty", kInText, kNumber, "a number"},
    Field{"frequency_penalty", kInText, kNumber, "a number"},
    Field{"seed", kInText, kNumber, "an integer"},
    Field{"logprobs", kInChat, kBool, "true or false"},
    Field{"logprobs", kInCompletion, kNumber, "an integer"},
    Field{"top_logprobs", kInChat, kNumber, "an integer"},
    Field{"logit_bias", kInText, kObject, "an object"},
    Field{"tool_choice", kInChat, kString | kObject, "a string or an object"},
    Field{"parallel_tool_calls", kInChat, kBool, "true or false"},
    Field{"user", kInAll, kString, "a string"},
    Field{"dimensions", kInEmbedding, kNumber, "an integer"},
    Field{"encoding_format", kInEmbedding, kString, "\"float\" or \"base64\""},
};

constexpr unsigned task_bit(TaskKind task) {
  switch (task) {
    case TaskKind::kChat: return kInChat;
    case TaskKind::kCompletion: return kInCompletion;
    case TaskKind::kEmbedding: return kInEmbedding;
    case TaskKind::kImage: return kInImage;
  }
  return kInChat;
}

std::size_t find_field(unsigned task, std::string_view name) noexcept {
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    if (kFields[i].name == name && (kFields[i].tasks & task) != 0) return i;
  }
  return kFields.size();
}

std::unexpected<Error> refuse(std::string_view param, std::string_view code, std::string what) {
  return fail(
      Error{.fault = Fault::kInvalid, .what = std::move(what), .code = std::string(code), .param = std::string(param)});
}

std::unexpected<Error> wrong_type(std::string_view param, std::string_view allowed) {
  return refuse(param, "invalid_type", fmt::format("'{}' must be {}.", param, allowed));
}

class Scan {
 public:
  Scan(TaskKind task, std::string_view body) : body_(body), cursor_(body) { shape_.task = task; }

  Result<Shape> run() {
    if (const auto bad = find_invalid_utf8(body_)) {
      return refuse("", "invalid_json", fmt::format("The body is not valid UTF-8 at byte {}.", *bad));
    }
    if (cursor_.peek() == Kind::kNothing && cursor_.offset() == body_.size()) {
      return refuse("", "invalid_json", "The body is empty: send a JSON object.");
    }
    if (cursor_.peek() != Kind::kObject) return refuse("", "invalid_json", "The body must be a JSON object.");
    TRY_VOID(members());
    if (!cursor_.at_end()) return broken();
    TRY_VOID(require_fields());
    return std::move(shape_);
  }

 private:
  std::unexpected<Error> broken() const {
    return refuse("", "invalid_json", fmt::format("The body is not valid JSON {}.", cursor_.failure()));
  }
  Result<void> unbroken() const {
    if (cursor_.failed()) return broken();
    return {};
  }

  Result<void> members() {
    if (!cursor_.enter_object()) return broken();
    shape_.first_member = cursor_.offset();
    shape_.empty_object = true;
    std::string room;
    Text key;
    while (cursor_.next_member(key)) {
      shape_.empty_object = false;
      TRY_VOID(member(unescape(key, room)));
    }
    return unbroken();
  }

  Result<void> member(std::string_view name) {
    const std::size_t index = find_field(task_bit(shape_.task), name);
    if (index == kFields.size()) {
      cursor_.skip();
      return unbroken();
    }
    const Field& field = kFields[index];
    if (field.act != Act::kNone && seen_.test(index)) {
      return refuse(field.name, "duplicate_field", fmt::format("'{}' occurs twice: send it once.", field.name));
    }
    seen_.set(index);
    const Kind kind = cursor_.peek();
    if (kind != Kind::kNothing && (field.kinds & bit(kind)) == 0) return wrong_type(field.name, field.allowed);
    return act(field, kind);
  }

  Result<void> act(const Field& field, Kind kind) {
    switch (field.act) {
      case Act::kModel: return model();
      case Act::kMessages: return messages();
      case Act::kPrompt: return text_list(field.name);
      case Act::kInput: return text_list(field.name);
      case Act::kStreamOptions: return stream_options(kind);
      case Act::kResponseFormat: return response_format(kind);
      case Act::kStream: shape_.stream = kind == Kind::kTrue; break;
      case Act::kMaxTokens: return max_tokens(field, kind);
      case Act::kTools: return tools(kind);
      case Act::kNone: break;
    }
    cursor_.skip();
    return unbroken();
  }

  Result<void> model() {
    cursor_.peek();
    const std::size_t start = cursor_.offset();
    Text text;
    if (!cursor_.string(text)) return broken();
    std::string room;
    shape_.model = unescape(text, room);
    shape_.model_value = Span{.offset = start, .length = cursor_.offset() - start};
    return {};
  }

  Result<void> max_tokens(const Field& field, Kind kind) {
    const auto value = cursor_.integer();
    if (cursor_.failed()) return broken();
    if (kind == Kind::kNumber && !value) return wrong_type(field.name, field.allowed);
    // Some servers read -1 as "no limit"; max_completion_tokens wins over its old name, whatever their order.
    if (value && *value > 0 && (field.name != "max_tokens" || !shape_.max_tokens)) shape_.max_tokens = value;
    return {};
  }

  Result<void> tools(Kind kind) {
    if (kind == Kind::kNull) {
      cursor_.skip();
      return unbroken();
    }
    const std::size_t start = cursor_.offset();
    if (!cursor_.enter_array()) return broken();
    while (cursor_.next_element()) {
      if (cursor_.peek() != Kind::kObject && cursor_.peek() != Kind::kNothing)
        return wrong_type("tools", "an array of objects");
      cursor_.skip();
      shape_.has_tools = true;
    }
    if (shape_.has_tools) shape_.text_bytes += cursor_.offset() - start;
    return unbroken();
  }

  Result<void> stream_options(Kind kind) {
    cursor_.peek();
    const std::size_t start = cursor_.offset();
    if (kind == Kind::kObject) {
      std::string room;
      Text key;
      bool seen = false;
      cursor_.enter_object();
      while (cursor_.next_member(key)) {
        const Kind value = cursor_.peek();
        if (unescape(key, room) == "include_usage") {
          if (seen)
            return refuse("stream_options.include_usage", "duplicate_field",
                          "'stream_options.include_usage' occurs twice: send it once.");
          seen = true;
          if (value != Kind::kNothing && (kBool & bit(value)) == 0) {
            return wrong_type("stream_options.include_usage", "true or false");
          }
          shape_.include_usage = value == Kind::kTrue;
        }
        cursor_.skip();
      }
    } else {
      cursor_.skip();
    }
    shape_.stream_options_value = Span{.offset = start, .length = cursor_.offset() - start};
    return unbroken();
  }

  Result<void> response_format(Kind kind) {
    if (kind != Kind::kObject) {
      cursor_.skip();
      return unbroken();
    }
    std::string room;
    Text key;
    cursor_.enter_object();
    while (cursor_.next_member(key)) {
      Text value;
      if (unescape(key, room) == "type" && cursor_.peek() == Kind::kString) {
        if (cursor_.string(value) && value.raw == "json_schema") shape_.has_json_schema = true;
      } else {
        cursor_.skip();
      }
    }
    return unbroken();
  }

  // `prompt` and `input`: a string, strings, token numbers, or lists of those.
  Result<void> text_list(std::string_view name) {
    const std::size_t before = shape_.text_bytes;
    if (cursor_.peek() == Kind::kString) {
      Text text;
      if (cursor_.string(text)) shape_.text_bytes += text.raw.size();
      return unbroken();
    }
    cursor_.enter_array();
    bool empty = true;
    while (cursor_.next_element()) {
      empty = false;
      TRY_VOID(text_or_tokens(name));
    }
    if (cursor_.failed()) return broken();
    if (empty && before == shape_.text_bytes)
      return refuse(name, "empty_array", fmt::format("'{}' must not be empty.", name));
    return {};
  }

  Result<void> text_or_tokens(std::string_view name) {
    constexpr std::size_t kBytesPerToken = 4;
    Text text;
    switch (cursor_.peek()) {
      case Kind::kString:
        if (cursor_.string(text)) shape_.text_bytes += text.raw.size();
        return unbroken();
      case Kind::kNumber:
        cursor_.skip();
        shape_.text_bytes += kBytesPerToken;
        return unbroken();
      case Kind::kArray:
        cursor_.enter_array();
        while (cursor_.next_element()) {
          if (cursor_.peek() != Kind::kNumber && cursor_.peek() != Kind::kNothing)
            return wrong_type(name, "an array of strings or of token numbers");
          cursor_.skip();
          shape_.text_bytes += kBytesPerToken;
        }
        return unbroken();
      case Kind::kNothing: cursor_.skip(); return unbroken();
      default: return wrong_type(name, "a string, an array of strings, or token numbers");
    }
  }

  Result<void> messages() {
    cursor_.enter_array();
    std::size_t index = 0;
    while (cursor_.next_element()) TRY_VOID(message(index++));
    if (cursor_.failed()) return broken();
    if (index == 0) return refuse("messages", "empty_array", "'messages' must hold at least one message.");
    return {};
  }

  Result<void> message(std::size_t index) {
    if (cursor_.peek() != Kind::kObject) {
      if (cursor_.peek() != Kind::kNothing) return wrong_type(fmt::format("messages[{}]", index), "an object");
      cursor_.skip();
      return unbroken();
    }
    std::string room;
    Text key;
    bool role = false;
    cursor_.enter_object();
    while (cursor_.next_member(key)) {
      const std::string_view name = unescape(key, room);
      const Kind kind = cursor_.peek();
      if (name == "content") {
        TRY_VOID(content(index, kind));
      } else if (name == "role") {
        if (kind != Kind::kString && kind != Kind::kNothing)
          return wrong_type(fmt::format("messages[{}].role", index), "a string");
        role = true;
        cursor_.skip();
      } else {
        cursor_.skip();
      }
    }
    if (cursor_.failed()) return broken();
    if (!role) {
      const std::string param = fmt::format("messages[{}].role", index);
      return refuse(param, "missing_required_parameter",
                    fmt::format("'{}' is missing: it is one of system, developer, user, assistant, tool.", param));
    }
    return {};
  }

  Result<void> content(std::size_t index, Kind kind) {
    Text text;
    switch (kind) {
      case Kind::kString:
        if (cursor_.string(text)) shape_.text_bytes += text.raw.size();
        return unbroken();
      case Kind::kNull:
      case Kind::kNothing: cursor_.skip(); return unbroken();
      case Kind::kArray:
        cursor_.enter_array();
        while (cursor_.next_element()) TRY_VOID(part(index));
        return unbroken();
      default: return wrong_type(fmt::format("messages[{}].content", index), "a string, an array of parts, or null");
    }
  }

  Result<void> part(std::size_t index) {
    if (cursor_.peek() != Kind::kObject) {
      if (cursor_.peek() != Kind::kNothing)
        return wrong_type(fmt::format("messages[{}].content", index), "an array of objects, each with a 'type'");
      cursor_.skip();
      return unbroken();
    }
    std::string room;
    Text key;
    cursor_.enter_object();
    while (cursor_.next_member(key)) {
      const std::string_view name = unescape(key, room);
      Text value;
      if (cursor_.peek() != Kind::kString) {
        cursor_.skip();
      } else if (cursor_.string(value)) {
        if (name == "text") shape_.text_bytes += value.raw.size();
        if (name == "type" && value.raw == "image_url") shape_.has_images = true;
        if (name == "type" && value.raw == "input_audio") shape_.has_audio = true;
      }
    }
    return unbroken();
  }

  Result<void> require_fields() const {
    const auto* const field = std::ranges::find_if(kFields, [this](const Field& candidate) {
      const bool text =
          candidate.act == Act::kMessages || candidate.act == Act::kPrompt || candidate.act == Act::kInput;
      return text && (candidate.tasks & task_bit(shape_.task)) != 0;
    });
    if (seen_.test(static_cast<std::size_t>(field - kFields.begin()))) return {};
    return refuse(field->name, "missing_required_parameter",
                  fmt::format("'{}' is missing: send {}.", field->name, field->allowed));
  }

  std::string_view body_;
  JsonCursor cursor_;
  Shape shape_;
  std::bitset<kFields.size()> seen_;
};

}  // namespace

Result<Shape> scan_openai(TaskKind task, std::string_view body) {
  return Scan(task, body).run();
}

}  // namespace orchestra
