// Reading one mapping of a configuration file with every check: unknown keys, types, ranges, spellings.
//
//   Section server(reading, root.find("server"), "server");
//   server.number("port", settings.server.port, 1, 65535);
//   server.finish();
//
// An absent key leaves the target as it is. A wrong one leaves it too and adds a Problem.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "base/units.h"
#include "settings/document.h"
#include "settings/load.h"
#include "settings/problem.h"

namespace orchestra::settings {

// Where a value came from, for checks that come later.
struct Origin {
  std::string file;
  int line = 0, column = 0;
};

// One run of `load`: what all sections share.
struct Reading {
  std::string file;  // the file being read
  const Variables& variables;
  Problems& problems;
  std::map<std::string, Origin, std::less<>> origins;  // by key path
};

template <class Enum>
using Choices = std::vector<std::pair<std::string_view, Enum>>;

class Section {
 public:
  // `node` may be null: then every key is absent. A node that is no mapping is a problem.
  Section(Reading& reading, const Node* node, std::string path);

  bool has(std::string_view key);
  void text(std::string_view key, std::string& out);
  void secret(std::string_view key, Secret& out);
  void flag(std::string_view key, bool& out);
  template <std::integral T>
  void number(std::string_view key, T& out, std::int64_t min, std::int64_t max) {
    if (const auto value = whole(key, min, max)) out = static_cast<T>(*value);
  }
  // A decimal number without an exponent.
  void decimal(std::string_view key, std::optional<double>& out, double min, double max);
  void duration(std::string_view key, Micros& out, Micros min, Micros max);
  void size(std::string_view key, Bytes& out, Bytes min, Bytes max);
  // One text or a list of texts.
  void texts(std::string_view key, std::vector<std::string>& out);
  template <class Enum>
  void choice(std::string_view key, Enum& out, const Choices<Enum>& choices) {
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) names.emplace_back(name);
    if (const auto index = chosen(key, names)) out = choices[*index].second;
  }
  // The mapping under `key`, null node when absent.
  Section section(std::string_view key);
  // The items of the list under `key`; empty when absent.
  const std::vector<Node>& list(std::string_view key);
  // The members of this mapping, all of them known; for maps whose keys are names.
  const std::vector<Node>& members();
  const Node* find(std::string_view key);

  // The text of a scalar with ${NAME} and ${NAME:default} replaced; nothing and a problem when it is no scalar.
  std::optional<std::string> scalar(const Node& node, std::string_view key);
  void complain(const Node& node, std::string_view key, std::string what, std::vector<std::string> allowed = {},
                std::string nearest = {});
  std::string path(std::string_view key) const;
  const Node* node() const noexcept { return node_; }
  Reading& reading() noexcept { return reading_; }

  // Reports the keys that nobody asked for. To be called last.
  void finish();

 private:
  std::optional<std::int64_t> whole(std::string_view key, std::int64_t min, std::int64_t max);
  std::optional<std::size_t> chosen(std::string_view key, const std::vector<std::string>& names);
  std::optional<std::string> expand(const Node& node, std::string_view key);

  Reading& reading_;
  const Node* node_;  // null, or a mapping
  std::string path_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace orchestra::settings
