#include "net/inflater.h"

#include <zlib.h>

#include <array>

namespace orchestra::net {

struct Inflater::Stream {
  z_stream z{};
};

Inflater::Inflater() : stream_(std::make_unique<Stream>()) {
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  if (inflateInit2(&stream_->z, kGzipOnly) != Z_OK) stream_.reset();
}

Inflater::~Inflater() {
  if (stream_) inflateEnd(&stream_->z);
}

Inflater::Verdict Inflater::feed(std::string_view input, std::string& out, std::size_t limit) {
  if (!stream_) return Verdict::kDamaged;
  z_stream& z = stream_->z;
  std::array<unsigned char, 32 * 1024> piece;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  z.avail_in = static_cast<uInt>(input.size());
  do {
    if (complete_ && z.avail_in > 0) {
      if (inflateReset(&z) != Z_OK) return Verdict::kDamaged;
      complete_ = false;
    }
    z.next_out = piece.data();
    z.avail_out = static_cast<uInt>(piece.size());
    const int verdict = inflate(&z, Z_NO_FLUSH);
    const std::size_t got = piece.size() - z.avail_out;
    if (out.size() + got > limit) return Verdict::kTooLarge;
    out.append(reinterpret_cast<const char*>(piece.data()), got);
    if (verdict == Z_STREAM_END) {
      complete_ = true;
    } else if (verdict != Z_OK && verdict != Z_BUF_ERROR) {
      return Verdict::kDamaged;
    }
  } while (z.avail_in > 0 || z.avail_out == 0);
  return Verdict::kFine;
}

}  // namespace orchestra::net
