// What is wrong with a configuration, precisely enough to mend it at once.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace orchestra::settings {

struct Problem {
  std::string file;  // as the user named it; "environment" or "command line" where there is no file
  int line = 0;      // from 1; 0: none
  int column = 0;    // from 1; 0: none
  std::string key;   // "server.limits.body", or the name of a variable
  std::string what;  // a sentence; never holds a secret's value
  std::vector<std::string> allowed;
  std::string nearest;  // the known spelling that is closest to what was written; may be empty
};
using Problems = std::vector<Problem>;

// "config/orchestra.yaml:3:5: server.prot: unknown key; did you mean 'port'? Allowed: host, port, ..."
std::string text(const Problem& problem);
// All of them, one per line.
std::string text(const Problems& problems);

// The candidate closest to `word` by edits (insert, delete, replace, swap of neighbours), or "" when none is close.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace orchestra::settings
