#include "settings/document.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

namespace orchestra::settings {
namespace {

// Anchors let a small file expand without end, and a node may even contain itself.
constexpr int kMaxDepth = 32;
constexpr int kMaxNodes = 50'000;

class Converter {
 public:
  Converter(const std::string& file, Problems& problems) : file_(file), problems_(problems) {}

  Node convert(const YAML::Node& from, int depth) {
    Node node;
    node.line = from.Mark().line + 1;
    node.column = from.Mark().column + 1;
    if (depth > kMaxDepth || ++count_ > kMaxNodes) {
      if (!too_big_) problem(node, "", "The file nests too deep or expands to too many values.");
      too_big_ = true;
      return node;
    }
    switch (from.Type()) {
      case YAML::NodeType::Scalar:
        node.kind = Node::Kind::kText;
        node.text = from.Scalar();
        break;
      case YAML::NodeType::Sequence:
        node.kind = Node::Kind::kList;
        for (const YAML::Node& item : from) {
          if (!too_big_) node.children.push_back(convert(item, depth + 1));
        }
        break;
      case YAML::NodeType::Map: convert_map(from, node, depth); break;
      case YAML::NodeType::Null:
      case YAML::NodeType::Undefined: break;
    }
    return node;
  }

 private:
  void convert_map(const YAML::Node& from, Node& node, int depth) {
    node.kind = Node::Kind::kMap;
    for (const auto& entry : from) {
      if (too_big_) return;
      Node key = convert(entry.first, depth + 1);
      if (key.kind != Node::Kind::kText) {
        problem(key, "", "A key must be plain text.");
        continue;
      }
      if (node.find(key.text) != nullptr) {
        problem(key, key.text,
                fmt::format("This key stands here twice; the first is in line {}.", node.find(key.text)->key_line));
        continue;
      }
      Node value = convert(entry.second, depth + 1);
      value.key = key.text;
      value.key_line = key.line;
      value.key_column = key.column;
      node.children.push_back(std::move(value));
    }
  }

  void problem(const Node& at, std::string key, std::string what) {
    problems_.push_back({.file = file_, .line = at.line, .column = at.column, .key = std::move(key), .what = what});
  }

  const std::string& file_;
  Problems& problems_;
  int count_ = 0;
  bool too_big_ = false;
};

}  // namespace

const Node* Node::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(children, name, &Node::key);
  return kind == Kind::kMap && found != children.end() ? &*found : nullptr;
}

std::optional<Node> parse_yaml(const std::string& text, const std::string& file, Problems& problems) {
  const std::size_t before = problems.size();
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty()) return Node{};
    if (documents.size() > 1) {
      problems.push_back({.file = file, .what = "The file holds more than one YAML document; remove the '---' lines."});
      return std::nullopt;
    }
    Node root = Converter(file, problems).convert(documents.front(), 0);
    if (problems.size() > before) return std::nullopt;
    return root;
  } catch (const YAML::Exception& error) {
    problems.push_back({.file = file,
                        .line = std::max(error.mark.line + 1, 0),
                        .column = std::max(error.mark.column + 1, 0),
                        .what = fmt::format("This is not valid YAML: {}.", error.msg)});
  }
  return std::nullopt;
}

}  // namespace orchestra::settings
