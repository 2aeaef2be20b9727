// The data folder: one server at a time, and its process id for `make stop`.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace orchestra::app {

// Holds an exclusive lock on `folder`/server.pid, which contains this process's id. Released, and the file removed, by
// destruction; the kernel releases it when the process dies.
class DataFolder {
 public:
  // Makes the folder if needed. kConflict, naming the process, when another server holds it.
  static Result<DataFolder> open(const std::string& folder);
  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&&) = delete;
  ~DataFolder();
  // Writes where the server listens behind the process id, one URL a line: for scripts that let the kernel choose
  // ports.
  void note_urls(const std::vector<std::string>& urls) const;
  const std::string& path() const noexcept { return path_; }

 private:
  DataFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;  // absolute
  int lock_ = -1;
};

}  // namespace orchestra::app
