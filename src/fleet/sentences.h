// What the fleet says to people, and the names it gives to sockets. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/local_model.h"
#include "ports/spawner.h"

namespace orchestra {

// "5.2 GiB", "310 MiB".
std::string human_bytes(Bytes bytes);

// Every absolute path in a line shrunk to its last part: "cannot open /srv/m/a.gguf" says "cannot open a.gguf".
std::string without_paths(std::string_view line);

// Why a worker ended, from its last lines: those that speak of an error (the first of them names the cause), else the
// last line, unless a signal says it all. Without paths and time stamps, at most 400 characters.
std::string reason_from(std::span<const std::string> last_lines, ProcessExit exit);

// A file name for a worker's socket and records: readable, unique by a hash of the id, at most 40 bytes.
std::string short_name(const ModelId& model);

}  // namespace orchestra
