// The classifier as it ships, and some queries for it.
#pragma once

#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "policy/classify/classifier.h"

namespace orchestra {

inline constexpr std::array<std::string_view, 4> kQueries{
    "What is the capital of France?", "fix this python loop, it raises IndexError: list index out of range",
    "Compare the evidence on nuclear and renewable energy for cutting emissions by 2040, with sources.",
    "what is in this picture"};

inline Classifier shipped_classifier() {
  std::ifstream in(ORCHESTRA_CLASSIFIER, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  return *Classifier::read(bytes);
}

}  // namespace orchestra
