#include "store/segment.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace orchestra {
namespace {

std::unexpected<Error> journal_error(std::string_view what, int code) {
  return fail(Fault::kUnavailable, fmt::format("{} ({}).", what, std::strerror(code)));
}

Result<void> sync_folder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return journal_error("The journal's folder cannot be opened", errno);
  const int failed = ::fsync(file) == 0 ? 0 : errno;
  ::close(file);
  if (failed != 0) return journal_error("The journal's folder cannot be synced", failed);
  return {};
}

// 0, or the errno of what failed.
int fill_new_file(int file, const SegmentHead& head, std::uint32_t bytes, bool durable) {
  if (const int code = ::posix_fallocate(file, 0, bytes); code != 0) return code;
  const auto raw = encode_head(head);
  if (::pwrite(file, raw.data(), raw.size(), 0) != static_cast<ssize_t>(raw.size())) return errno != 0 ? errno : ENOSPC;
  if (durable && ::fsync(file) != 0) return errno;
  return 0;
}

// A mapped page that cannot be written kills the process. These file systems write preallocated space in place; ones
// that copy on write may still run out of space there.
bool keeps_preallocated_space(int file) noexcept {
  constexpr auto kXfs = 0x58465342;
  struct statfs facts{};
  if (::fstatfs(file, &facts) != 0) return false;
  return facts.f_type == EXT4_SUPER_MAGIC || facts.f_type == kXfs || facts.f_type == TMPFS_MAGIC;
}

// Null when there is no mapping to be had.
char* map_pages(int file, std::uint32_t bytes) noexcept {
  if (!keeps_preallocated_space(file)) return nullptr;
  void* pages = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  return pages == MAP_FAILED ? nullptr : static_cast<char*>(pages);
}

}  // namespace

Segment::Segment(std::string path, const SegmentHead& head, std::uint32_t bytes, int file) noexcept
    : path_(std::move(path)), head_(head), bytes_(bytes), file_(file), pages_(map_pages(file, bytes)) {}

Segment::~Segment() {
  unmap();
  ::close(file_);
}

void Segment::unmap() noexcept {
  if (pages_ != nullptr) ::munmap(pages_, bytes_);
  pages_ = nullptr;
}

Result<std::unique_ptr<Segment>> Segment::create(const std::string& folder, const SegmentHead& head,
                                                 std::uint32_t bytes, bool durable) {
  auto path = fmt::format("{}/boot-{:016x}-loop-{:03}-{:010}.wal", folder, head.boot, head.loop, head.number);
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return journal_error("A journal segment cannot be made", errno);
  if (const int code = fill_new_file(file, head, bytes, durable); code != 0) {
    ::close(file);
    ::unlink(path.c_str());
    return journal_error("There is no room for the next journal segment on the disk of the data folder; make some",
                         code);
  }
  std::unique_ptr<Segment> segment(new Segment(std::move(path), head, bytes, file));
  if (durable) TRY_VOID(sync_folder(folder));
  return segment;
}

bool Segment::append(std::span<const char> record) noexcept {
  const auto at = written_.load(std::memory_order_relaxed);
  if (record.size() > room()) return false;
  if (pages_ != nullptr) {
    std::memcpy(pages_ + at, record.data(), record.size());
  } else {
    ssize_t done = 0;
    do {
      done = ::pwrite(file_, record.data(), record.size(), at);
    } while (done < 0 && errno == EINTR);
    if (done != static_cast<ssize_t>(record.size())) return false;
  }
  written_.store(at + static_cast<std::uint32_t>(record.size()), std::memory_order_release);
  return true;
}

void Segment::seal() noexcept {
  // Sealed segments wait for their deletion for long: their pages must not count as this process's memory.
  unmap();
  sealed_.store(true, std::memory_order_release);
}

Result<void> Segment::read(std::uint32_t from, std::uint32_t to, std::string& buffer) const {
  buffer.resize(to - from);
  std::size_t done = 0;
  while (done < buffer.size()) {
    const auto got = ::pread(file_, buffer.data() + done, buffer.size() - done, static_cast<off_t>(from + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return journal_error("The journal cannot be read", errno);
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Result<void> Segment::sync() noexcept {
  const auto upto = written();
  if (::fdatasync(file_) != 0) return journal_error("The journal cannot be synced", errno);
  synced_ = upto;
  return {};
}

void Segment::remove() noexcept {
  ::unlink(path_.c_str());
}

void Lane::give(Segment& segment) noexcept {
  const auto given = given_.load(std::memory_order_relaxed);
  places_[given % kPlaces] = &segment;
  given_.store(given + 1, std::memory_order_release);
}

Segment* Lane::take() noexcept {
  const auto taken = taken_.load(std::memory_order_relaxed);
  if (given_.load(std::memory_order_acquire) == taken) return nullptr;
  Segment* segment = places_[taken % kPlaces];
  taken_.store(taken + 1, std::memory_order_release);
  return segment;
}

Result<std::vector<std::string>> list_segments(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".wal") paths.push_back(at->path().string());
  }
  if (error) return fail(Fault::kUnavailable, fmt::format("The journal cannot be listed ({}).", error.message()));
  // Names have fixed widths: their order is that of boot, loop and number.
  std::ranges::sort(paths);
  return paths;
}

Result<LeftoverSegment> read_segment(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return journal_error("A journal segment cannot be opened", errno);
  std::string bytes;
  struct stat facts{};
  int failed = ::fstat(file, &facts) == 0 ? 0 : errno;
  bytes.resize(static_cast<std::size_t>(facts.st_size));
  std::size_t done = 0;
  while (failed == 0 && done < bytes.size()) {
    const auto got = ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno != EINTR) failed = errno;
    if (got == 0) bytes.resize(done);
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  ::close(file);
  if (failed != 0) return journal_error("A journal segment cannot be read", failed);
  LeftoverSegment leftover{.path = path};
  if (const auto head = decode_head(bytes)) {
    leftover.head = *head;
    leftover.records = bytes.substr(kSegmentHeadBytes);
  } else {
    leftover.damaged_head = true;
    leftover.is_blank = bytes.find_first_not_of('\0') == std::string::npos;
  }
  return leftover;
}

}  // namespace orchestra
