using System.Net;
using System.Net.Sockets;
using System.Text;
using Laurel.Kernel;
using Laurel.Platform.Files;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Files;

/// <summary>Files in a folder and in a bucket: kept, found, removed, and what is no name of a file.</summary>
public sealed class StoringFilesTests
{
    private static readonly S3Credentials s_published = new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static FileName Name { get; } = FileName.Of([.. Enumerable.Range(0, 16).Select(i => (byte)i)], "png");

    /// <summary>The examples of Amazon's documentation, "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)".</summary>
    [Theory]
    [InlineData("GET", "/test.txt", "", "", "range=bytes=0-9", "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")]
    [InlineData("PUT", "/test%24file.text", "", "Welcome to Amazon S3.", "date=Fri, 24 May 2013 00:00:00 GMT|x-amz-storage-class=REDUCED_REDUNDANCY",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")]
    [InlineData("GET", "/", "lifecycle=", "", "", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("GET", "/", "max-keys=2&prefix=J", "", "", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void IsThePublishedOne_When_APublishedRequestIsSigned(string method, string path, string query, string body, string more, string signature)
    {
        var headers = new Dictionary<string, string>
        {
            ["host"] = "examplebucket.s3.amazonaws.com",
            ["x-amz-content-sha256"] = S3Signature.HashOf(Encoding.ASCII.GetBytes(body)),
            ["x-amz-date"] = "20130524T000000Z",
        };
        foreach (var header in more.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            headers[header.Split('=', 2)[0]] = header.Split('=', 2)[1];
        }

        var signed = S3Signature.Sign(s_published, method, path, query, headers, Instant.From(new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero)));

        signed.ShouldStartWith("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=");
        signed.ShouldEndWith(",Signature=" + signature);
    }

    [Fact]
    public async Task IsKeptFoundAndRemoved_When_FilesLieInAFolder()
    {
        var folder = Directory.CreateTempSubdirectory("laurel-files-");
        try
        {
            await RunAsync(new DiskFiles(Path.Combine(folder.FullName, "below", "files")));
            folder.EnumerateFiles("*", SearchOption.AllDirectories).ShouldBeEmpty();
            var blocked = Path.Combine(folder.FullName, "file");
            await File.WriteAllTextAsync(blocked, "", Cancellation);
            await Should.ThrowAsync<FileStoreUnavailableException>(() => new DiskFiles(blocked).KeepAsync(Name, default, Cancellation));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task IsKeptFoundAndRemoved_When_FilesLieInABucket()
    {
        var credentials = new S3Credentials("key", "secret/of+the=store", "cn-hangzhou");
        using var bucket = new Bucket(credentials);
        var answering = bucket.AnswerAsync(Cancellation);
        using var files = new S3Files(new S3Options(bucket.Address, "laurel", credentials), TimeProvider.System);

        await RunAsync(files);
        using var others = new S3Files(new S3Options(bucket.Address, "laurel", credentials with { SecretKey = "another" }), TimeProvider.System);
        (await Should.ThrowAsync<FileStoreUnavailableException>(() => others.KeepAsync(Name, new byte[1], Cancellation))).Message.ShouldContain("403");

        // No bucket has no file, and says nothing of those that were kept.
        using var elsewhere = new S3Files(new S3Options(bucket.Address, "mistyped", credentials), TimeProvider.System);
        (await Should.ThrowAsync<FileStoreUnavailableException>(() => elsewhere.RemoveAsync(Name, Cancellation))).Message.ShouldContain("404");
        await Should.ThrowAsync<FileStoreUnavailableException>(() => elsewhere.FindAsync(Name, Cancellation));

        bucket.Dispose();
        await answering;
        await Should.ThrowAsync<FileStoreUnavailableException>(() => files.FindAsync(Name, Cancellation));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("000102030405060708090a0b0c0d0e0f")]
    [InlineData("000102030405060708090A0B0C0D0E0F.png")]
    [InlineData("000102030405060708090a0b0c0d0e0f.svg")]
    [InlineData("000102030405060708090a0b0c0d0e0f.png/")]
    [InlineData("../02030405060708090a0b0c0d0e0f.png")]
    [InlineData("..\\..\\030405060708090a0b0c0d0e0f.png")]
    [InlineData("%2e%2e%2f405060708090a0b0c0d0e0f.png")]
    [InlineData("000102030405060708090a0b0c0d0e0\0.png")]
    public void IsNoName_When_ItIsAnythingElse(string? text) => FileName.TryParse(text, out _).ShouldBeFalse();

    private static async Task RunAsync(IFileStore files)
    {
        (await files.FindAsync(Name, Cancellation)).ShouldBeNull();
        await files.RemoveAsync(Name, Cancellation);
        await files.KeepAsync(Name, new byte[] { 1, 2, 3 }, Cancellation);
        (await files.FindAsync(Name, Cancellation)).ShouldBe([1, 2, 3]);
        await files.RemoveAsync(Name, Cancellation);
        (await files.FindAsync(Name, Cancellation)).ShouldBeNull();
    }

    /// <summary>A store of its own, which knows who may call it by the signature alone.</summary>
    private sealed class Bucket : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Dictionary<string, byte[]> _files = [];
        private readonly S3Credentials _credentials;

        public Bucket(S3Credentials credentials)
        {
            _credentials = credentials;
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Address = new Uri($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
            }

            _listener.Prefixes.Add(Address + "");
            _listener.Start();
        }

        public Uri Address { get; }

        public async Task AnswerAsync(CancellationToken cancellationToken)
        {
            for (var calls = 0; calls < 100 && !cancellationToken.IsCancellationRequested; calls++)
            {
                try
                {
                    Answer(await _listener.GetContextAsync());
                }
                catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }

        public void Dispose() => _listener.Close();

        private void Answer(HttpListenerContext context)
        {
            var request = context.Request;
            var body = new MemoryStream();
            request.InputStream.CopyTo(body);
            var names = request.Headers["Authorization"]!.Split("SignedHeaders=")[1].Split(',')[0].Split(';');
            var at = DateTimeOffset.ParseExact(request.Headers["x-amz-date"]!, "yyyyMMdd'T'HHmmss'Z'", null, System.Globalization.DateTimeStyles.AssumeUniversal);
            var expected = S3Signature.Sign(
                _credentials, request.HttpMethod, request.Url!.AbsolutePath, "", names.ToDictionary(name => name, name => request.Headers[name]!), Instant.From(at));
            var isWhole = request.Headers["x-amz-content-sha256"] == S3Signature.HashOf(body.ToArray());
            var path = request.Url.AbsolutePath;
            context.Response.StatusCode = (isWhole && request.Headers["Authorization"] == expected, request.HttpMethod) switch
            {
                (false, _) => 403,
                (_, "PUT") => 200,
                (_, "DELETE") => _files.Remove(path) ? 204 : 404,
                _ => _files.ContainsKey(path) ? 200 : 404,
            };
            if (context.Response.StatusCode == 200 && request.HttpMethod == "PUT")
            {
                path.ShouldBe("/laurel/" + Name);
                request.ContentType.ShouldBe("image/png");
                _files[path] = body.ToArray();
            }
            else if (context.Response.StatusCode == 404)
            {
                var code = path.StartsWith("/laurel/", StringComparison.Ordinal) ? "NoSuchKey" : "NoSuchBucket";
                context.Response.OutputStream.Write(Encoding.UTF8.GetBytes($"""<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code></Error>"""));
            }
            else if (context.Response.StatusCode == 200)
            {
                context.Response.OutputStream.Write(_files[path]);
            }

            context.Response.Close();
        }
    }
}
