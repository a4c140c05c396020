using System.Buffers;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Microsoft.AspNetCore.Http;

namespace Laurel.Platform.Http;

/// <summary>Reads a body that is no JSON: a file.</summary>
public static class RawBody
{
    /// <summary>Reads all of it, or says why it is not taken. Nothing of a body that is too large is kept.</summary>
    /// <param name="bytesMax">The largest body, in bytes.</param>
    /// <param name="mediaTypes">Those that are accepted, in lower case; none accepts any.</param>
    public static async ValueTask<(byte[]? Bytes, RequestFailure? Failure)> ReadAsync(
        HttpContext context, int bytesMax, IReadOnlyList<string> mediaTypes, CancellationToken cancellationToken)
    {
        var request = context.Request;
        if (request.Headers.ContentEncoding.Count > 0 || (mediaTypes.Count > 0 && !mediaTypes.Contains(JsonBody.MediaTypeOf(request))))
        {
            return (null, new RequestFailure(new Refusal(ErrorCode.MediaTypeUnsupported, ("expected", mediaTypes))));
        }

        var tooLarge = new RequestFailure(new Refusal(ErrorCode.BodyTooLarge, ("bytesMax", bytesMax)));
        if (request.ContentLength > bytesMax)
        {
            return (null, tooLarge);
        }

        var pipe = request.BodyReader;
        while (true)
        {
            // The handler of exceptions answers a body whose framing is broken.
            var result = await pipe.ReadAsync(cancellationToken);
            if (result.Buffer.Length > bytesMax)
            {
                pipe.AdvanceTo(result.Buffer.End);
                return (null, tooLarge);
            }

            if (result.IsCompleted)
            {
                var bytes = result.Buffer.ToArray();
                pipe.AdvanceTo(result.Buffer.End);
                return (bytes, null);
            }

            pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
