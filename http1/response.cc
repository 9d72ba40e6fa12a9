#include "penstock/http1/response.h"

namespace penstock::http1 {

std::string_view ReasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 303:
      return "See Other";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 413:
      return "Content Too Large";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "";
  }
}

std::string Serialize(const Response& response, ResponseMode mode) {
  std::string octets = "HTTP/1.1 " + std::to_string(response.status) + " ";
  octets += ReasonOf(response.status);
  octets += "\r\ncontent-type: " + response.content_type;
  octets += "\r\ncontent-length: " + std::to_string(response.body.size());
  for (const auto& [name, value] : response.fields) {
    octets += "\r\n";
    octets += name;
    octets += ": " + value;
  }
  octets += "\r\nconnection: ";
  octets += mode.keep_alive ? "keep-alive" : "close";
  octets += "\r\n\r\n";
  if (!mode.is_head) octets += response.body;
  return octets;
}

}  // namespace penstock::http1
