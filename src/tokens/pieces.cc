#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokens/pieces.h"

#include <pcre2.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace orchestra {
namespace {

// What is cut of a text that the patterns cannot read.
constexpr std::size_t kUnreadable = 4;

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
  std::uint32_t options = 0;  // the first match checks the whole text
};

Pieces::Pieces(Encoding encoding, std::string_view text) : match_(std::make_unique<Match>(encoding)), text_(text) {}

Pieces::~Pieces() = default;

std::string_view Pieces::next() {
  if (at_ >= text_.size()) return {};
  const int found = pcre2_match(match_->pattern, reinterpret_cast<PCRE2_SPTR>(text_.data()), text_.size(), at_,
                                match_->options, match_->data, nullptr);
  std::size_t end = std::min(at_ + kUnreadable, text_.size());
  if (found > 0) {
    end = pcre2_get_ovector_pointer(match_->data)[1];
    match_->options = PCRE2_NO_UTF_CHECK;
  }
  const std::string_view piece = text_.substr(at_, end - at_);
  at_ = end;
  return piece;
}

}  // namespace orchestra
