#include "base/secret.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

namespace orchestra {

bool Secret::matches(std::string_view candidate) const noexcept {
  return candidate.size() == value_.size() && CRYPTO_memcmp(candidate.data(), value_.data(), value_.size()) == 0;
}

std::string sha256_hex(std::string_view data) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest);
  std::string hex;
  for (unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace orchestra
