// `.env` files: NAME=value lines.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "settings/load.h"
#include "settings/problem.h"

namespace orchestra::settings {

struct EnvFile {
  Variables variables;
  std::map<std::string, int, std::less<>> lines;  // where each was set
};

// Strict: blank lines, `# comments`, and `[export ]NAME=value`. A value is bare (a " #" starts a comment), 'literal',
// or "with \n \t \" \\ \$ escapes"; quotes must close on their line. A line that is none of these is a problem with its
// number; its text is never repeated, since it may hold a key. A later line of the same name wins.
EnvFile parse_env_file(std::string_view text, const std::string& file, Problems& problems);

}  // namespace orchestra::settings
