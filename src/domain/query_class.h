// What kind of query a request is: README 004's types, and how much it asks of a model.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace orchestra {

enum class QueryType : std::uint8_t { kSimple, kTechnical, kResearch, kMultimedia };
enum class Complexity : std::uint8_t { kSimple, kModerate, kComplex, kExpert };

inline constexpr std::array<std::string_view, 4> kQueryTypeNames{"simple", "technical", "research", "multimedia"};
constexpr std::string_view query_type_name(QueryType type) noexcept {
  return kQueryTypeNames[static_cast<std::size_t>(type)];
}
inline constexpr std::array<std::string_view, 4> kComplexityNames{"simple", "moderate", "complex", "expert"};
constexpr std::string_view complexity_name(Complexity complexity) noexcept {
  return kComplexityNames[static_cast<std::size_t>(complexity)];
}
constexpr std::optional<QueryType> query_type_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kQueryTypeNames.size(); ++i) {
    if (kQueryTypeNames[i] == name) return static_cast<QueryType>(i);
  }
  return std::nullopt;
}
constexpr std::optional<Complexity> complexity_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kComplexityNames.size(); ++i) {
    if (kComplexityNames[i] == name) return static_cast<Complexity>(i);
  }
  return std::nullopt;
}

// How long the whole answer may take: 5, 7, 10 and 10 s (README 004).
constexpr std::chrono::seconds query_budget(QueryType type) noexcept {
  constexpr std::array<int, 4> kSeconds{5, 7, 10, 10};
  return std::chrono::seconds(kSeconds[static_cast<std::size_t>(type)]);
}

struct Classification {
  QueryType type = QueryType::kSimple;
  double confidence = 0;
  std::array<float, 4> probabilities{};
  Complexity complexity = Complexity::kSimple;
  double complexity_confidence = 0;
  // The chance that a cheap model answers it well enough (policy/cheap.h); empty: too little is known.
  std::optional<double> cheap_suffices;
  friend bool operator==(const Classification&, const Classification&) = default;
};

}  // namespace orchestra
