#include "settings/section.h"

#include <fmt/format.h>

#include <algorithm>

#include "settings/values.h"

namespace orchestra::settings {
namespace {

const std::vector<Node> kNoNodes;

std::string_view kind_name(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::kNull: return "nothing";
    case Node::Kind::kText: return "a single value";
    case Node::Kind::kList: return "a list";
    case Node::Kind::kMap: return "a mapping";
  }
  return "nothing";
}

}  // namespace

Section::Section(Reading& reading, const Node* node, std::string path)
    : reading_(reading), node_(node), path_(std::move(path)) {
  if (node_ == nullptr || node_->kind == Node::Kind::kMap) return;
  if (node_->kind != Node::Kind::kNull) {
    reading_.problems.push_back(
        {.file = reading_.file,
         .line = node_->line,
         .column = node_->column,
         .key = path_,
         .what = fmt::format("This must be a mapping of keys to values, not {}.", kind_name(node_->kind))});
  }
  node_ = nullptr;
}

std::string Section::path(std::string_view key) const {
  if (key.empty()) return path_;
  if (path_.empty()) return std::string(key);
  return key.starts_with('[') ? fmt::format("{}{}", path_, key) : fmt::format("{}.{}", path_, key);
}

const Node* Section::find(std::string_view key) {
  known_.emplace(key);
  const Node* found = node_ == nullptr ? nullptr : node_->find(key);
  if (found == nullptr || found->kind == Node::Kind::kNull) return nullptr;
  reading_.origins[path(key)] = {.file = reading_.file, .line = found->line, .column = found->column};
  return found;
}

bool Section::has(std::string_view key) {
  return find(key) != nullptr;
}

void Section::complain(const Node& node, std::string_view key, std::string what, std::vector<std::string> allowed,
                       std::string nearest) {
  reading_.problems.push_back({.file = reading_.file,
                               .line = node.line,
                               .column = node.column,
                               .key = path(key),
                               .what = std::move(what),
                               .allowed = std::move(allowed),
                               .nearest = std::move(nearest)});
}

std::optional<std::string> Section::expand(const Node& node, std::string_view key) {
  std::string out;
  std::string_view rest = node.text;
  for (std::size_t start = rest.find("${"); start != std::string_view::npos; start = rest.find("${")) {
    out += rest.substr(0, start);
    const std::size_t close = rest.find('}', start);
    if (close == std::string_view::npos) {
      complain(node, key, "'${' has no closing '}'.");
      return std::nullopt;
    }
    const std::string_view inside = rest.substr(start + 2, close - start - 2);
    const std::string_view name = inside.substr(0, inside.find(':'));
    const auto variable = reading_.variables.find(name);
    if (variable != reading_.variables.end() && !variable->second.empty()) {
      out += variable->second;
    } else if (inside.size() > name.size()) {
      const std::string_view fallback = inside.substr(name.size() + 1);
      out += fallback.starts_with('-') ? fallback.substr(1) : fallback;
    } else {
      complain(node, key,
               fmt::format("The variable {} is not set; set it or give a default: ${{{}:default}}.", name, name));
      return std::nullopt;
    }
    rest.remove_prefix(close + 1);
  }
  return out += rest;
}

std::optional<std::string> Section::scalar(const Node& node, std::string_view key) {
  if (node.kind == Node::Kind::kText) return expand(node, key);
  complain(node, key, fmt::format("This must be a single value, not {}.", kind_name(node.kind)));
  return std::nullopt;
}

void Section::text(std::string_view key, std::string& out) {
  const Node* found = find(key);
  if (found == nullptr) return;
  if (auto value = scalar(*found, key)) out = std::move(*value);
}

void Section::secret(std::string_view key, Secret& out) {
  std::string value;
  text(key, value);
  if (!value.empty()) out = Secret(std::move(value));
}

void Section::flag(std::string_view key, bool& out) {
  const Node* found = find(key);
  if (found == nullptr) return;
  const auto value = scalar(*found, key);
  if (!value) return;
  if (const auto parsed = parse_flag(*value)) {
    out = *parsed;
  } else {
    complain(*found, key, "This must be true or false.", {"true", "false"});
  }
}

std::optional<std::int64_t> Section::whole(std::string_view key, std::int64_t min, std::int64_t max) {
  const Node* found = find(key);
  if (found == nullptr) return std::nullopt;
  const auto value = scalar(*found, key);
  if (!value) return std::nullopt;
  const auto parsed = parse_whole(*value);
  if (parsed && *parsed >= min && *parsed <= max) return *parsed;
  complain(*found, key, fmt::format("This must be a whole number from {} to {}.", min, max));
  return std::nullopt;
}

void Section::decimal(std::string_view key, std::optional<double>& out, double min, double max) {
  const Node* found = find(key);
  if (found == nullptr) return;
  const auto value = scalar(*found, key);
  if (!value) return;
  const auto parsed = parse_decimal(*value);
  if (!parsed || *parsed < min || *parsed > max) {
    return complain(*found, key, fmt::format("This must be a number from {} to {}.", min, max));
  }
  out = *parsed;
}

void Section::duration(std::string_view key, Micros& out, Micros min, Micros max) {
  const Node* found = find(key);
  if (found == nullptr) return;
  const auto value = scalar(*found, key);
  if (!value) return;
  const auto parsed = parse_duration(*value);
  if (!parsed) return complain(*found, key, parsed.error().what);
  if (*parsed < min || *parsed > max) {
    return complain(*found, key, fmt::format("This must be from {} to {}.", spell(min), spell(max)));
  }
  out = *parsed;
}

void Section::size(std::string_view key, Bytes& out, Bytes min, Bytes max) {
  const Node* found = find(key);
  if (found == nullptr) return;
  const auto value = scalar(*found, key);
  if (!value) return;
  const auto parsed = parse_bytes(*value);
  if (!parsed) return complain(*found, key, parsed.error().what);
  if (*parsed < min || *parsed > max) {
    return complain(*found, key, fmt::format("This must be from {} to {}.", spell(min), spell(max)));
  }
  out = *parsed;
}

void Section::texts(std::string_view key, std::vector<std::string>& out) {
  const Node* found = find(key);
  if (found == nullptr) return;
  std::vector<std::string> values;
  if (found->kind == Node::Kind::kText) {
    if (auto value = expand(*found, key)) values.push_back(std::move(*value));
  } else {
    std::size_t index = 0;
    for (const Node& item : list(key)) {
      if (auto value = scalar(item, fmt::format("{}[{}]", key, index++))) values.push_back(std::move(*value));
    }
  }
  out = std::move(values);
}

std::optional<std::size_t> Section::chosen(std::string_view key, const std::vector<std::string>& names) {
  const Node* found = find(key);
  if (found == nullptr) return std::nullopt;
  const auto value = scalar(*found, key);
  if (!value) return std::nullopt;
  const auto match = std::ranges::find(names, *value);
  if (match != names.end()) return static_cast<std::size_t>(match - names.begin());
  complain(*found, key, "This is not one of the known values.", names, nearest(found->text, names));
  return std::nullopt;
}

Section Section::section(std::string_view key) {
  return {reading_, find(key), path(key)};
}

const std::vector<Node>& Section::list(std::string_view key) {
  const Node* found = find(key);
  if (found == nullptr) return kNoNodes;
  if (found->kind == Node::Kind::kList) return found->children;
  complain(*found, key, fmt::format("This must be a list, not {}.", kind_name(found->kind)));
  return kNoNodes;
}

const std::vector<Node>& Section::members() {
  if (node_ == nullptr) return kNoNodes;
  for (const Node& child : node_->children) known_.insert(child.key);
  return node_->children;
}

void Section::finish() {
  if (node_ == nullptr) return;
  const std::vector<std::string> names(known_.begin(), known_.end());
  for (const Node& child : node_->children) {
    if (known_.contains(child.key)) continue;
    reading_.problems.push_back({.file = reading_.file,
                                 .line = child.key_line,
                                 .column = child.key_column,
                                 .key = path(child.key),
                                 .what = "This key is not known.",
                                 .allowed = names,
                                 .nearest = nearest(child.key, names)});
  }
}

}  // namespace orchestra::settings
