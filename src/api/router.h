// Method and path to a resource. Built once, then read-only: safe to share between loops.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"

namespace orchestra {

using Route = std::function<Task<void>(ApiRequest&)>;

// A pattern is a path whose segments may be `{name}`: one segment, percent-decoded (so a model id keeps its %2F), or,
// as the last one before a fixed end, `{name...}`: several segments. Literal segments win over parameters. A path with
// a slash at its end is another path.
class Router {
 public:
  void add(std::string method, std::string pattern, Route route);

  struct Match {
    const Route* route = nullptr;  // null: see `allowed`
    bool needs_key = true;
    std::map<std::string, std::string, std::less<>> path;
    std::string allowed;  // methods of the path when the method is not among them: "GET, HEAD"
  };
  // Open paths need no API key: the banner and the liveness probe.
  void add_open(std::string method, std::string pattern, Route route);
  // HEAD falls back to GET.
  Match match(std::string_view method, std::string_view path) const;
  // "GET /v1/models" and so on, sorted: what the OpenAPI file is held against.
  std::vector<std::string> list() const;

 private:
  struct Entry {
    std::string method, pattern;
    std::vector<std::string> segments;
    Route route;
    bool needs_key = true;
  };
  static bool fits(const Entry& entry, const std::vector<std::string_view>& segments, Match& match);
  void insert(Entry entry);

  std::vector<Entry> entries_;                                                      // literal patterns first
  std::map<std::string, std::map<std::string, std::size_t>, std::less<>> literal_;  // path -> method -> entry
};

}  // namespace orchestra
