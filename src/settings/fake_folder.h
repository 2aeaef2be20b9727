// A folder of configuration files for tests, removed at the end.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include "base/ids.h"
#include "settings/load.h"

namespace orchestra::settings {

class FakeFolder {
 public:
  FakeFolder() : path_(std::filesystem::temp_directory_path() / ("orchestra-" + random_secret_hex(8))) {
    std::filesystem::create_directories(path_);
  }
  ~FakeFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  FakeFolder(const FakeFolder&) = delete;
  FakeFolder& operator=(const FakeFolder&) = delete;

  std::string write(const std::string& name, std::string_view text) {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
  }
  // Options that read only this folder.
  LoadOptions options() const { return {.working_dir = path_.string()}; }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace orchestra::settings
