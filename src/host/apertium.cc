#include "host/apertium.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/letterbox.h"
#include "host/apertium_text.h"

namespace orchestra {

namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

constexpr auto kUsualData = "/usr/share/apertium";
// Of address space, in KiB; the largest released pairs need a quarter of it.
constexpr auto kRun = "ulimit -v 2097152; exec /bin/sh \"$0\" -n ''";
constexpr std::size_t kMostOutput = 1 << 20;

using Box = Letterbox<std::string>;

void answer(const std::shared_ptr<Box>& box, Result<std::string> text) {
  if (box->gone()) return;
  asio::post(box->loop(), [box, text = std::move(text)]() mutable { box->put(std::move(text)); });
}

std::string_view search_path() {
  const char* path = std::getenv("PATH");
  return path != nullptr ? path : "";
}

// "eng-spa" of "eng-spa.mode". The names of debugging modes have more parts.
std::optional<LanguagePair> pair_of(const fs::path& file) {
  const std::string name = file.stem().string();
  if (file.extension() != ".mode" || std::ranges::count(name, '-') != 1) return std::nullopt;
  const std::size_t cut = name.find('-');
  return LanguagePair{name.substr(0, cut), name.substr(cut + 1)};
}

}  // namespace

// The processes under way. Lives on the control loop.
class ApertiumTranslator::Works {
 public:
  struct Order {
    std::uint64_t id = 0;
    SpawnSpec spec;
    std::string input;
    Micros limit{};
    std::shared_ptr<Box> box;  // shared: with the coroutine that waits
  };

  Works(asio::io_context& control, Spawner& spawner) : control_(control), spawner_(spawner) {}

  void start(Order order, const std::weak_ptr<Works>& self) {
    if (jobs_.size() >= kMostAtOnce) {
      return answer(order.box, fail(Error{.fault = Fault::kUnavailable,
                                          .what = "Apertium is busy with other texts.",
                                          .retry_after = Seconds(1)}));
    }
    const std::uint64_t id = order.id;
    Job& job = jobs_.try_emplace(id, control_, order.box).first->second;
    auto process = spawner_.spawn(order.spec, {.exited = [this, id](ProcessExit exit) { ended(id, exit); },
                                               .output =
                                                   [&job, this, id](std::string_view bytes) {
                                                     job.output += bytes;
                                                     if (job.output.size() > kMostOutput) too_long(id);
                                                   }});
    if (!process) {
      answer(order.box, std::unexpected(std::move(process).error()));
      jobs_.erase(id);
      return;
    }
    job.process = std::move(*process);
    job.process->say(order.input);
    job.process->close_input();
    job.bell.expires_after(order.limit);
    job.bell.async_wait([self, id](const boost::system::error_code& error) {
      const auto works = error ? nullptr : self.lock();
      if (works) works->drop(id, fail(Fault::kTimeout, "Apertium took too long."));
    });
  }
  // Nobody waits any more.
  void cancel(std::uint64_t id) { jobs_.erase(id); }

 private:
  struct Job {
    Job(asio::io_context& loop, std::shared_ptr<Box> waiting) : box(std::move(waiting)), bell(loop.get_executor()) {}
    std::shared_ptr<Box> box;  // shared: with the coroutine that waits
    std::unique_ptr<Process> process;
    std::string output;
    Timer bell;
  };

  void drop(std::uint64_t id, Result<std::string> text) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    answer(found->second.box, std::move(text));
    jobs_.erase(found);
  }
  void too_long(std::uint64_t id) { drop(id, fail(Fault::kUpstream, "Apertium gave more text than it can have.")); }
  void ended(std::uint64_t id, ProcessExit exit) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return;
    const std::string text = from_apertium(found->second.output);
    const bool good = exit.code == 0 && exit.signal == 0 && !text.empty();
    drop(id, good
                 ? Result<std::string>(text)
                 : fail(Fault::kUpstream, "Apertium ended without a translation; its installation may be incomplete."));
  }

  asio::io_context& control_;
  Spawner& spawner_;
  std::map<std::uint64_t, Job> jobs_;  // addresses stay
};

std::string find_apertium(std::string_view path) {
  while (!path.empty()) {
    const std::string_view folder = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(path.size(), folder.size() + 1));
    std::error_code error;
    if (folder.empty() || !fs::exists(fs::path(folder) / "apertium", error)) continue;
    const fs::path data = fs::path(folder).parent_path() / "share/apertium";
    if (fs::is_directory(data / "modes", error)) return data.string();
  }
  return kUsualData;
}

ApertiumTranslator::ApertiumTranslator(asio::io_context& control, Spawner& spawner, const Clock& clock,
                                       const std::string& data)
    : control_(control),
      clock_(clock),
      data_(data.empty() ? find_apertium(search_path()) : fs::absolute(data).string()),
      works_(std::make_shared<Works>(control, spawner)) {}

ApertiumTranslator::~ApertiumTranslator() = default;

std::vector<LanguagePair> ApertiumTranslator::pairs() const {
  std::vector<LanguagePair> pairs;
  std::error_code error;
  for (fs::directory_iterator file(data_ + "/modes", error), end; !error && file != end; file.increment(error)) {
    if (auto pair = pair_of(file->path())) pairs.push_back(std::move(*pair));
  }
  std::ranges::sort(pairs);
  return pairs;
}

Task<std::string> ApertiumTranslator::translate(LanguagePair pair, std::string text, TimePoint deadline) {
  if (text.size() > kLongestText) {
    co_return fail(Fault::kTooLarge, fmt::format("Apertium takes texts of at most {} bytes.", kLongestText));
  }
  const auto installed = pairs();
  if (std::ranges::find(installed, pair) == installed.end()) {
    co_return fail(Fault::kUnsupported, fmt::format("Apertium has no pair {}-{}.", pair.first, pair.second));
  }
  const auto box = std::make_shared<Box>(co_await this_loop());  // shared: with the job
  static std::atomic<std::uint64_t> last_id{0};
  const std::uint64_t id = ++last_id;
  Works::Order order{
      .id = id,
      .spec = {.name = fmt::format("apertium-{}", id),
               .argv = {"/bin/sh", "-c", kRun, fmt::format("{}/modes/{}-{}.mode", data_, pair.first, pair.second)},
               .read_only = {data_}},
      .input = to_apertium(text),
      .limit = std::chrono::duration_cast<Micros>(deadline - clock_.now()),
      .box = box};
  asio::post(control_, [weak = std::weak_ptr(works_), order = std::move(order)]() mutable {
    if (const auto works = weak.lock()) works->start(std::move(order), weak);
  });
  // Whatever ends the wait ends the process.
  struct Ending {
    asio::io_context& control;
    std::weak_ptr<Works> works;
    std::uint64_t id;
    ~Ending() {
      asio::post(control, [weak = works, job = id] {
        if (const auto held = weak.lock()) held->cancel(job);
      });
    }
  } const ending{control_, works_, id};
  CO_TRY(const std::string translated, co_await box->wait("The translation was cancelled."));
  // A word that is left out leaves its blank: the text begins as it did before.
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  const std::size_t first = std::min(translated.find_first_not_of(" \t\r\n"), translated.size());
  co_return text.substr(0, begin) + translated.substr(first);
}

}  // namespace orchestra
