#include "runners/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/ascii.h"
#include "runners/llama_model.h"

namespace orchestra {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 10'000;
constexpr int kMaxDepth = 16;

bool is_inside(const fs::path& root, const fs::path& path) {
  const auto [root_end, rest] = std::ranges::mismatch(root, path);
  return root_end == root.end();
}

class Scanner {
 public:
  Scanner(const fs::path& folder, const Runner& runner, const std::vector<LocalModel>& before)
      : root_(folder), runner_(runner) {
    for (const auto& model : before) known_.emplace(model.files.front().path, &model);
  }

  Scan run() {
    const auto files = candidates();
    for (const auto& path : files) {
      if (is_projector_name(path.filename().string())) with_projector_.insert(path.parent_path());
    }
    for (const auto& path : files) consider(path);
    std::ranges::sort(scan_.models, {}, [](const LocalModel& m) -> const std::string& { return m.model.id.text; });
    return std::move(scan_);
  }

 private:
  // In the order of their paths, so that of two files with one id the same one always wins.
  std::vector<fs::path> candidates() {
    std::vector<fs::path> found;
    std::error_code error;
    auto walk = fs::recursive_directory_iterator(root_, fs::directory_options::skip_permission_denied, error);
    for (; !error && walk != fs::recursive_directory_iterator(); walk.increment(error)) {
      if (walk.depth() >= kMaxDepth) walk.disable_recursion_pending();
      if (lower_extension(walk->path()) != ".gguf") continue;
      if (found.size() == kMaxFiles) {
        note(walk->path(),
             fmt::format("More than {} model files; this one and those after it are left out.", kMaxFiles));
        break;
      }
      found.push_back(walk->path());
    }
    std::ranges::sort(found);
    return found;
  }

  static std::string lower_extension(const fs::path& path) { return ascii_lowered(path.extension().string()); }

  void note(const fs::path& path, std::string what) {
    scan_.findings.push_back({path.lexically_relative(root_).string(), std::move(what)});
  }

  void consider(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) return;
    const auto real = fs::canonical(path, error);
    if (error) return note(path, "This link leads nowhere. Remove it.");
    if (!is_inside(root_, real)) {
      return note(path,
                  "This link leaves the model folder. Move the file into it, or make that folder the model folder.");
    }
    auto model = read(path);
    if (!model) {
      if (model.error().code != kPartOfAnother) note(path, model.error().what);
      return;
    }
    const auto [place, fresh] = ids_.try_emplace(model->model.id.text, path);
    if (!fresh) {
      return note(path, fmt::format("Another file, {}, has the same name {}. Rename one of them.",
                                    place->second.lexically_relative(root_).string(), model->model.id.text));
    }
    scan_.models.push_back(std::move(*model));
  }

  // An unchanged file need not be read again, unless a projector beside it may have a say.
  Result<LocalModel> read(const fs::path& path) const {
    const auto place = known_.find(path.string());
    if (place != known_.end() && !with_projector_.contains(path.parent_path())) {
      const auto same = [](const FileStamp& file) {
        const auto now = stamp_file(file.path);
        return now && *now == file;
      };
      if (std::ranges::all_of(place->second->files, same)) return *place->second;
    }
    return runner_.inspect(path.string());
  }

  fs::path root_;
  const Runner& runner_;
  std::map<std::string, const LocalModel*> known_;
  std::set<fs::path> with_projector_;  // folders
  std::map<std::string, fs::path> ids_;
  Scan scan_;
};

}  // namespace

Scan scan_models(const std::string& folder, const Runner& runner, const std::vector<LocalModel>& before) {
  std::error_code error;
  const auto root = fs::canonical(folder, error);
  if (error || !fs::is_directory(root, error)) return {};
  return Scanner(root, runner, before).run();
}

}  // namespace orchestra
