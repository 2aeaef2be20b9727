#include "app/learning_key.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>

#include "base/ids.h"

namespace orchestra::app {
namespace {

constexpr std::string_view kFile = "learning.key";
constexpr std::size_t kDigits = 32, kHalf = kDigits / 2;

std::unexpected<Error> unusable(std::string_view what) {
  return fail(Fault::kUnavailable,
              fmt::format("The file {} in the data folder {}. Remove it to start with a new key: what was learned of "
                          "queries is forgotten then.",
                          kFile, what));
}

bool parse_half(std::string_view digits, std::uint64_t& out) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out, 16);
  return error == std::errc() && end == digits.data() + digits.size();
}

Result<LearningKey> parse(std::string_view text, bool fresh) {
  LearningKey out{.key = {}, .fresh = fresh};
  if (text.size() < kDigits || !parse_half(text.substr(0, kHalf), out.key.first) ||
      !parse_half(text.substr(kHalf, kHalf), out.key.second)) {
    return unusable("holds no key");
  }
  return out;
}

Result<LearningKey> make(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return unusable(fmt::format("cannot be made: {}", std::strerror(errno)));
  const std::string text = random_secret_hex(kDigits / 2);
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
  close(file);
  if (written) return parse(text, true);
  unlink(path.c_str());
  return unusable(fmt::format("cannot be written: {}", std::strerror(errno)));
}

}  // namespace

Result<LearningKey> open_learning_key(const std::string& folder) {
  const std::string path = fmt::format("{}/{}", folder, kFile);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return make(path);
  if (file < 0) return unusable(fmt::format("cannot be read: {}", std::strerror(errno)));
  std::array<char, kDigits> bytes{};
  const auto length = ::read(file, bytes.data(), bytes.size());
  close(file);
  return parse({bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0))}, false);
}

}  // namespace orchestra::app
