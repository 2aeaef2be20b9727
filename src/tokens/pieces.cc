#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokens/pieces.h"

#include <pcre2.h>

#include <cstdio>
#include <cstdlib>

#include "base/utf8.h"

namespace orchestra {
namespace {

// Of a text that is not all UTF-8, so much is looked at to find the next part that is.
constexpr std::size_t kWindow = 4096;

// The patterns of OpenAI's tiktoken. PCRE2 does not count U+0085 among the blanks as Unicode does, so it is named.
constexpr const char* kCl100k =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\x{85}\p{L}\p{N}]++[\r\n]*+)"
    R"(|[\s\x{85}]++\z|[\s\x{85}]*[\r\n]|[\s\x{85}]+(?![^\s\x{85}])|[\s\x{85}])";
constexpr const char* kO200k =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}{1,3}| ?[^\s\x{85}\p{L}\p{N}]+[\r\n/]*|[\s\x{85}]*[\r\n]+|[\s\x{85}]+(?![^\s\x{85}])|[\s\x{85}]+)";

const pcre2_code* compiled(const char* pattern) {
  int code = 0;
  PCRE2_SIZE at = 0;
  pcre2_code* const made = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED,
                                         PCRE2_UTF | PCRE2_UCP, &code, &at, nullptr);
  if (made == nullptr) {
    std::fprintf(stderr, "The program is broken: a token pattern is wrong at %zu.\n", at);
    std::abort();
  }
  // Where the machine allows no compiled patterns, they are interpreted.
  pcre2_jit_compile(made, PCRE2_JIT_COMPLETE);
  return made;
}

const pcre2_code* pattern_of(Encoding encoding) {
  static const pcre2_code* const kPatterns[] = {compiled(kCl100k), compiled(kO200k)};
  return kPatterns[static_cast<std::size_t>(encoding)];
}

}  // namespace

struct Pieces::Match {
  explicit Match(Encoding encoding) : pattern(pattern_of(encoding)), data(pcre2_match_data_create(1, nullptr)) {}
  ~Match() { pcre2_match_data_free(data); }
  Match(const Match&) = delete;
  Match& operator=(const Match&) = delete;

  const pcre2_code* pattern;
  pcre2_match_data* data;
};

Pieces::Pieces(Encoding encoding, std::string_view text)
    : match_(std::make_unique<Match>(encoding)), text_(text), readable_(find_invalid_utf8(text) ? 0 : text.size()) {}

Pieces::~Pieces() = default;

// Behind the last part that is UTF-8: how far the next one goes; not at all where an unreadable byte begins it.
void Pieces::find_readable() noexcept {
  const std::string_view window = text_.substr(at_, kWindow);
  readable_ = at_ + find_invalid_utf8(window).value_or(window.size());
}

std::string_view Pieces::next() {
  if (at_ >= text_.size()) return {};
  if (at_ >= readable_) find_readable();
  std::size_t end = at_ + 1;
  // The text was checked, so that it is not at every match again.
  if (at_ < readable_ && pcre2_match(match_->pattern, reinterpret_cast<PCRE2_SPTR>(text_.data()), readable_, at_,
                                     PCRE2_NO_UTF_CHECK, match_->data, nullptr) > 0) {
    end = pcre2_get_ovector_pointer(match_->data)[1];
  }
  const std::string_view piece = text_.substr(at_, end - at_);
  at_ = end;
  return piece;
}

}  // namespace orchestra
