// TLS contexts of server and client: TLS 1.2 or later, certificates checked, ALPN http/1.1.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <string>

#include "base/result.h"

namespace orchestra::net {

// PEM files: the certificate with its chain, and its key. Errors: kInvalid, naming the file that cannot be used.
Result<boost::asio::ssl::context> server_tls(const std::string& certificate_file, const std::string& key_file);

// Trusts the system's store and, when not empty, the certificates of `ca_file`.
Result<boost::asio::ssl::context> client_tls(const std::string& ca_file);

}  // namespace orchestra::net
