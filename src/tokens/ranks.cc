#include "tokens/ranks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <cstdlib>

#include "base/hash.h"

// The files go into the program as they are: as arrays in source text they would take minutes to compile.
#define ORCHESTRA_RANKS(name, file)                                                                                  \
  asm(".section .rodata\n.global " name "_begin\n.global " name "_end\n" name "_begin:\n.incbin \"" file "\"\n" name \
      "_end:\n.byte 0\n.text\n")
ORCHESTRA_RANKS("orchestra_cl100k_base", ORCHESTRA_CL100K_BASE);
ORCHESTRA_RANKS("orchestra_o200k_base", ORCHESTRA_O200K_BASE);

extern "C" const char orchestra_cl100k_base_begin, orchestra_cl100k_base_end;
extern "C" const char orchestra_o200k_base_begin, orchestra_o200k_base_end;

namespace orchestra {
namespace {

constexpr std::uint8_t kNoDigit = 0xff;

constexpr auto kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}();

[[noreturn]] void broken(std::size_t line) {
  std::fprintf(stderr, "The program is broken: line %zu of its token ranks is none.\n", line + 1);
  std::abort();
}

// Appends the bytes that `text` stands for; false when it is no base64.
bool decode_base64(std::string_view text, std::string& out) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::uint8_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit == kNoDigit) return false;
    bits = bits << 6U | digit;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out.push_back(static_cast<char>(bits >> static_cast<unsigned>(held) & 0xffU));
  }
  return true;
}

std::size_t slot_of(std::string_view bytes, std::size_t slots) noexcept {
  const std::uint64_t hash = fnv1a(bytes) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::size_t>(hash >> 32U) & (slots - 1);
}

}  // namespace

const Ranks& Ranks::of(Encoding encoding) {
  if (encoding == Encoding::kCl100kBase) {
    static const Ranks ranks({&orchestra_cl100k_base_begin, &orchestra_cl100k_base_end});
    return ranks;
  }
  static const Ranks ranks({&orchestra_o200k_base_begin, &orchestra_o200k_base_end});
  return ranks;
}

Ranks::Ranks(std::string_view file) {
  bytes_.reserve(file.size() / 2);
  while (!file.empty()) {
    const auto end = std::min(file.find('\n'), file.size());
    const std::string_view line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    const auto blank = line.find(' ');
    const std::size_t before = bytes_.size();
    if (blank == std::string_view::npos || line.substr(blank + 1) != std::to_string(ends_.size()) ||
        !decode_base64(line.substr(0, blank), bytes_)) {
      broken(ends_.size());
    }
    longest_ = std::max(longest_, bytes_.size() - before);
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
  bytes_.shrink_to_fit();
  table_.assign(std::bit_ceil(ends_.size() * 2), kNone);
  for (std::uint32_t rank = 0; rank < ends_.size(); ++rank) {
    std::size_t slot = slot_of(token(rank), table_.size());
    while (table_[slot] != kNone) slot = (slot + 1) & (table_.size() - 1);
    table_[slot] = rank;
  }
}

std::string_view Ranks::token(std::uint32_t rank) const noexcept {
  const std::uint32_t begin = rank == 0 ? 0 : ends_[rank - 1];
  return std::string_view(bytes_).substr(begin, ends_[rank] - begin);
}

std::uint32_t Ranks::rank(std::string_view bytes) const noexcept {
  if (bytes.size() > longest_) return kNone;
  for (std::size_t slot = slot_of(bytes, table_.size());; slot = (slot + 1) & (table_.size() - 1)) {
    const std::uint32_t found = table_[slot];
    if (found == kNone || token(found) == bytes) return found;
  }
}

}  // namespace orchestra
