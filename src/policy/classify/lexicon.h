// Words that tell a subject by themselves: general vocabulary, so that a small set of labelled queries need not hold
// it.
#pragma once

#include <cstdint>
#include <string_view>

namespace orchestra {

enum WordSense : std::uint8_t {
  kTechnicalWord = 1U << 0,     // of computing and engineering alone: "kubectl", "mutex"
  kPerhapsTechnical = 1U << 1,  // of it among others: "python", "class", "node"
  kMediaWord = 1U << 2,         // a picture, a sound, a film, a document as a thing: "photo", "recording"
  kPointingWord = 1U << 3,      // points at what was sent along: "attached", "uploaded"
  kMakingWord = 1U << 4,        // makes something to look at or to hear: "draw", "animate"
  kResearchWord = 1U << 5,      // asks for evidence and depth: "literature", "meta-analysis"
};
using WordSenses = std::uint8_t;
inline constexpr std::size_t kSenseCount = 6;

// `word` in lower case; 0 for words that tell nothing.
WordSenses senses_of(std::string_view word) noexcept;

}  // namespace orchestra
