#include "base/zero_pages.h"

#include <sys/mman.h>

#include <new>

namespace orchestra {

ZeroPages::ZeroPages(std::size_t bytes)
    : bytes_(bytes), data_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
  if (data_ == MAP_FAILED) throw std::bad_alloc();
}

ZeroPages::~ZeroPages() {
  munmap(data_, bytes_);
}

}  // namespace orchestra
