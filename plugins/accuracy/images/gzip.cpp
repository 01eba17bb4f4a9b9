// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/images/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

#include "plugins/accuracy/images/byte_error.hpp"

namespace sotto::accuracy {
namespace {

/// Frees zlib's state on every way out.
class Inflater {
  public:
    Inflater() {
        constexpr int gzip_alone = 16 + MAX_WBITS;
        if (inflateInit2(&stream_, gzip_alone) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    z_stream& stream() { return stream_; }

  private:
    z_stream stream_{};
};

}  // namespace

std::string decompress_gzip(std::string_view bytes, const std::string& name, std::size_t most_bytes) {
    Inflater inflater;
    z_stream& stream = inflater.stream();
    std::string result;
    std::size_t position = 0;  // of the next byte that zlib has not been given
    bool member_ended = false;
    const auto consumed = [&] { return position - stream.avail_in; };
    for (;;) {
        if (stream.avail_in == 0 && position < bytes.size()) {
            const std::size_t piece =
                std::min<std::size_t>(bytes.size() - position, std::numeric_limits<uInt>::max() / 2);
            // zlib's interface is older than const; it does not write to its input.
            stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + position));
            stream.avail_in = static_cast<uInt>(piece);
            position += piece;
        }
        if (member_ended) {
            if (stream.avail_in == 0) {
                return result;
            }
            inflateReset(&stream);
            member_ended = false;
        }
        constexpr std::size_t piece = std::size_t{1} << 20U;
        const std::size_t size = result.size();
        result.resize(size + piece);
        stream.next_out = reinterpret_cast<Bytef*>(result.data() + size);
        stream.avail_out = static_cast<uInt>(piece);
        const int status = inflate(&stream, Z_NO_FLUSH);
        result.resize(size + piece - stream.avail_out);
        if (result.size() > most_bytes) {
            fail_at_byte(name, consumed(), "holds too much", "more than " + std::to_string(most_bytes) + " bytes",
                         "at most that");
        }
        if (status == Z_STREAM_END) {
            member_ended = true;
        } else if (status == Z_MEM_ERROR) {
            throw std::bad_alloc();
        } else if (status == Z_BUF_ERROR ||
                   (status == Z_OK && stream.avail_in == 0 && position == bytes.size() && stream.avail_out > 0)) {
            fail_at_byte(name, bytes.size(), "gzip file is cut short", "its end", "more compressed data");
        } else if (status != Z_OK) {
            fail_at_byte(name, consumed(), "not an intact gzip file",
                         stream.msg != nullptr ? stream.msg : "damaged data", "compressed data");
        }
    }
}

}  // namespace sotto::accuracy
