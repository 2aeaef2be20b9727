#include "fleet/sentences.h"
#include "base/ascii.h"
#include "base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace orchestra {
namespace {

constexpr std::size_t kMaxReason = 400;
constexpr std::size_t kErrorLines = 6;

bool speaks_of_an_error(std::string_view line) {
  const std::string lower = ascii_lowered(line);
  constexpr std::array<std::string_view, 7> kWords = {"error",  "fail",          "abort",    "invalid",
                                                      "unable", "out of memory", "terminate"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return lower.contains(word); });
}

// "0.00.028.661 E srv  load_model: ..." without the time and the level.
std::string_view without_stamp(std::string_view line) {
  const auto rest = line.find_first_not_of("0123456789.");
  const bool stamped = rest != 0 && rest != std::string_view::npos && rest + 2 < line.size() && line[rest] == ' ' &&
                       line[rest + 2] == ' ';
  return stamped ? line.substr(rest + 3) : line;
}

bool ends_a_path(char c) noexcept {
  return c == ' ' || c == '\'' || c == '"' || c == ',' || c == ';' || c == ')' || c == ':' || c == '\t';
}

}  // namespace

std::string human_bytes(Bytes bytes) {
  const auto count = static_cast<double>(bytes.count);
  constexpr double kMib = 1024.0 * 1024.0, kGib = kMib * 1024.0;
  if (count >= kGib) return fmt::format("{:.1f} GiB", count / kGib);
  return fmt::format("{:.0f} MiB", count / kMib);
}

std::string without_paths(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size();) {
    const bool starts =
        line[i] == '/' && (i == 0 || ends_a_path(line[i - 1]) || line[i - 1] == '(' || line[i - 1] == '=');
    if (!starts) {
      out += line[i++];
      continue;
    }
    std::size_t end = i;
    while (end < line.size() && !ends_a_path(line[end])) ++end;
    const auto path = line.substr(i, end - i);
    out += path.substr(path.rfind('/') + 1);
    i = end;
  }
  return out;
}

std::string reason_from(std::span<const std::string> last_lines, ProcessExit exit) {
  std::vector<std::string> said;
  for (auto line = last_lines.rbegin(); line != last_lines.rend() && said.size() < kErrorLines; ++line) {
    if (speaks_of_an_error(*line)) said.push_back(without_paths(without_stamp(*line)));
  }
  if (said.empty() && exit.signal == 0 && !last_lines.empty())
    said.push_back(without_paths(without_stamp(last_lines.back())));
  said.push_back(exit.signal != 0 ? fmt::format("signal {}", exit.signal) : fmt::format("exit code {}", exit.code));
  std::ranges::rotate(said, said.end() - 1);
  std::ranges::reverse(said);
  // The first line names the cause and the last one how it ended; what is between gives way.
  std::string reason = fmt::format("{}", fmt::join(said, "; "));
  while (reason.size() > kMaxReason && said.size() > 2) {
    said.erase(said.end() - 2);
    reason = fmt::format("{}", fmt::join(said, "; "));
  }
  if (reason.size() > kMaxReason) reason.resize(kMaxReason);
  for (auto& c : reason) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = ' ';
  }
  return reason;
}

std::string short_name(const ModelId& model) {
  const auto hash = static_cast<std::uint32_t>(fnv1a(model.text));
  std::string name(model.name().substr(0, 24));
  for (auto& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!plain) c = '-';
  }
  return fmt::format("{}-{:08x}", name, hash);
}

}  // namespace orchestra
