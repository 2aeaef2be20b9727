#include "app/data_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "base/log.h"

namespace orchestra::app {
namespace {

std::string holder(int file) {
  char text[32] = {};
  const auto length = pread(file, text, sizeof text - 1, 0);
  return length > 0 ? std::string(text, std::strcspn(text, "\n")) : "unknown";
}

bool write_whole(int file, const std::string& text) {
  return ftruncate(file, 0) == 0 && pwrite(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace

Result<DataFolder> DataFolder::open(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string path = std::filesystem::absolute(folder, error).lexically_normal();
  const int file = ::open((path + "/server.pid").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return fail(Fault::kInvalid,
                fmt::format("The data folder {} cannot be written: {}. Choose another with --data-dir.", folder,
                            std::strerror(errno)));
  }
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    const std::string pid = holder(file);
    close(file);
    return fail(Fault::kConflict, fmt::format("Another server (process {}) uses the data folder {}. Stop it, or choose "
                                              "another folder with --data-dir.",
                                              pid, folder));
  }
  if (!write_whole(file, fmt::format("{}\n", getpid()))) {
    close(file);
    return fail(Fault::kInvalid,
                fmt::format("The data folder {} cannot be written: {}.", folder, std::strerror(errno)));
  }
  return DataFolder(path, file);
}

void DataFolder::note_urls(const std::vector<std::string>& urls) const {
  if (!write_whole(lock_, fmt::format("{}\n{}\n", getpid(), fmt::join(urls, "\n")))) {
    log::warning("The addresses could not be written to {}/server.pid", path_);
  }
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataFolder::~DataFolder() {
  if (lock_ < 0) return;
  unlink((path_ + "/server.pid").c_str());
  close(lock_);
}

}  // namespace orchestra::app
