// A block of memory that is zero at first and takes room only where it is written to. An allocator may write zeros to
// all that it hands out.
#pragma once

#include <cstddef>

namespace orchestra {

class ZeroPages {
 public:
  // `bytes` at the start of a page. Throws std::bad_alloc.
  explicit ZeroPages(std::size_t bytes);
  ZeroPages(const ZeroPages&) = delete;
  ZeroPages& operator=(const ZeroPages&) = delete;
  ~ZeroPages();

  void* data() const noexcept { return data_; }

 private:
  std::size_t bytes_;
  void* data_;
};

}  // namespace orchestra
