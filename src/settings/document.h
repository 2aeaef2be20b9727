// A YAML file as a plain tree that knows where everything stands. yaml-cpp and its exceptions stop here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/problem.h"

namespace orchestra::settings {

// Line and column count from 1.
struct Node {
  enum class Kind : std::uint8_t { kNull, kText, kList, kMap };
  Kind kind = Kind::kNull;
  std::string text;            // kText: as written, quotes removed
  std::vector<Node> children;  // kList: the items; kMap: the values, each with its `key`
  std::string key;             // of a value inside a map
  int line = 0, column = 0;    // of the value
  int key_line = 0, key_column = 0;

  const Node* find(std::string_view name) const noexcept;
};

// Parses one document; an empty text is a null node. Nothing when the text is no YAML, holds several documents, repeats
// a key, or nests or expands beyond reason; the problems then say where.
std::optional<Node> parse_yaml(const std::string& text, const std::string& file, Problems& problems);

}  // namespace orchestra::settings
