using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Vault;
using Laurel.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Vault;

/// <summary>Master keys in the care of a key service, which a server on the loopback plays.</summary>
public sealed class TransitMasterKeysTests : IAsyncLifetime
{
    private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();
    private readonly string _data = Directory.CreateTempSubdirectory("laurel-keys-").FullName;
    private TransitStub _stub = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string KeyFile => Path.Combine(_data, "keys", "master.json");

    public async ValueTask InitializeAsync() => _stub = await TransitStub.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _stub.DisposeAsync();
        Directory.Delete(_data, recursive: true);
        _random.Dispose();
    }

    [Fact]
    public async Task KeepsNoKeyInTheOpen_When_TheServiceClosesThem()
    {
        var index = IndexOf(await LoadAsync());

        var texts = KeysInFile();
        texts.Count.ShouldBe(2);
        texts.ShouldAllBe(text => text.StartsWith("vault:v1:", StringComparison.Ordinal));
        IndexOf(await LoadAsync()).ShouldBe(index);
        _stub.Asked.ShouldBe(["encrypt", "encrypt", "decrypt", "decrypt", "decrypt", "decrypt"]);
    }

    /// <summary>All that a node seals with comes of the keys as the service opened them, the audit's too.</summary>
    [Fact]
    public async Task LetsANodeStartAndStartAgain_When_TheServiceClosesThem()
    {
        for (var start = 0; start < 2; start++)
        {
            await using var node = await LaurelNode.OpenAsync(
                new LaurelSettings
                {
                    DataFolder = _data,
                    Urls = "http://127.0.0.1:0",
                    Database = DatabaseKind.Sqlite,
                    DatabaseUrl = null,
                    AdminKey = "0123456789abcdef",
                    MasterKeys = null,
                    MasterKeyGuard = new TransitMasterKeys(_stub.Options()),
                    Lanes = new LaneOptions(),
                    Programme = stored => stored,
                    SweepEvery = TimeSpan.FromHours(1),
                },
                "serve",
                TimeProvider.System,
                NullLoggerFactory.Instance,
                Cancellation);
            KeysInFile().ShouldAllBe(text => text.StartsWith("vault:v1:", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task MovesIn_When_TheKeysStoodInTheOpen()
    {
        var index = IndexOf(MasterKeys.Load(_data, null, _random));
        IndexOf(await LoadAsync()).ShouldBe(index, "they are read as they stand");

        (await Changes().RenewAsync(Cancellation)).ShouldBe(2);

        KeysInFile().ShouldAllBe(text => text.StartsWith("vault:v1:", StringComparison.Ordinal));
        IndexOf(await LoadAsync()).ShouldBe(index);
        Should.Throw<MasterKeysUnreadableException>(() => MasterKeys.Load(_data, null, _random)).Message.ShouldContain("LAUREL_VAULT_ADDRESS");
    }

    [Fact]
    public async Task IsUnderTheNewVersion_When_TheServicesKeyWasRotated()
    {
        var index = IndexOf(await LoadAsync());
        _stub.Rotate();
        await Changes().AddAsync("second", Cancellation);

        KeysInFile().Count(text => text.StartsWith("vault:v2:", StringComparison.Ordinal)).ShouldBe(1, "a new key is closed by the new version at once");
        (await Changes().RenewAsync(Cancellation)).ShouldBe(3, "each has another nonce");
        _stub.ForgetVersion(1);

        KeysInFile().ShouldAllBe(text => text.StartsWith("vault:v2:", StringComparison.Ordinal));
        IndexOf(await LoadAsync()).ShouldBe(index);
    }

    [Fact]
    public async Task ReadsClosedKeysOfTheEnvironment_When_TheyStandThere()
    {
        await LoadAsync();
        var document = JsonDocument.Parse(await File.ReadAllTextAsync(KeyFile, Cancellation)).RootElement;
        var first = document.GetProperty("masterKeys")[0];
        var text = $"{first.GetProperty("id").GetString()}:{first.GetProperty("key").GetString()},index:{document.GetProperty("indexKey").GetString()}";

        var keys = await MasterKeys.LoadAsync(_data, text, new TransitMasterKeys(_stub.Options()), _random, Cancellation);

        IndexOf(keys).ShouldBe(IndexOf(await LoadAsync()));
    }

    [Theory]
    [InlineData("token", "answered 403: permission denied")]
    [InlineData("key", "answered 400: encryption key not found")]
    [InlineData("address", "cannot be reached")]
    [InlineData("damaged", "answered 400: cipher: message authentication failed")]
    [InlineData("nonsense", "answered what is no answer of a transit engine")]
    public async Task SaysWhatIsWrong_When_TheServiceDoesNotOpenThem(string what, string said)
    {
        await LoadAsync();
        var before = await File.ReadAllTextAsync(KeyFile, Cancellation);
        if (what == "damaged")
        {
            // The last character of base64 before its padding may be of bits that count for nothing; one in the middle is not.
            var text = JsonSerializer.Serialize(KeysInFile()[0]).Trim('"');
            var at = text.Length - 20;
            var damaged = text[..at] + (text[at] == '0' ? '1' : '0') + text[(at + 1)..];
            await File.WriteAllTextAsync(KeyFile, before.Replace(text, damaged, StringComparison.Ordinal), Cancellation);
        }

        _stub.IsNonsense = what == "nonsense";
        var options = what switch
        {
            "token" => _stub.Options() with { Token = () => "hvs.wrong" },
            "key" => _stub.Options() with { Key = "other" },
            "address" => _stub.Options() with { Address = new Uri("http://127.0.0.1:9") },
            _ => _stub.Options(),
        };

        var thrown = await Should.ThrowAsync<MasterKeysUnreadableException>(
            MasterKeys.LoadAsync(_data, null, new TransitMasterKeys(options), _random, Cancellation));

        thrown.Message.ShouldContain(said);
        thrown.Message.ShouldStartWith($"The key service at {options.Address.GetLeftPart(UriPartial.Authority)} ");
        thrown.Message.ShouldNotContain("hvs.");
    }

    [Fact]
    public async Task LeavesTheFileAlone_When_AChangeIsRefused()
    {
        await LoadAsync();
        var before = await File.ReadAllTextAsync(KeyFile, Cancellation);
        var changes = Changes();

        await Should.ThrowAsync<MasterKeysUnreadableException>(changes.AddAsync("first", Cancellation));
        await Should.ThrowAsync<MasterKeysUnreadableException>(changes.AddAsync("index", Cancellation));
        await Should.ThrowAsync<MasterKeysUnreadableException>(changes.AddAsync("a b", Cancellation));
        await Should.ThrowAsync<MasterKeysUnreadableException>(changes.DropAsync("first"));
        await Should.ThrowAsync<MasterKeysUnreadableException>(changes.DropAsync("none"));
        await Should.ThrowAsync<MasterKeysUnreadableException>(changes.UseAsync("none"));

        (await File.ReadAllTextAsync(KeyFile, Cancellation)).ShouldBe(before);
        Directory.GetFiles(Path.Combine(_data, "keys")).Select(Path.GetFileName).ShouldBe(["master.json"]);
    }

    [Fact]
    public async Task OpensWhatBothHaveSealed_When_AKeyIsAddedAndPutInFront()
    {
        var before = await LoadAsync();
        var stored = new SecretVault(before, _random).Seal(new TenantId(1), "test", 7, [1, 2, 3]);
        await Changes().AddAsync("second", Cancellation);
        (await LoadAsync()).CurrentId.ShouldBe("first", "nodes know a key before any seals under it");
        await Changes().UseAsync("second");

        var after = await LoadAsync();
        var secrets = new SecretVault(after, _random);
        var rewrapped = secrets.Rewrap(new TenantId(1), "test", 7, stored).ShouldNotBeNull();
        await Changes().DropAsync("first");
        var last = new SecretVault(await LoadAsync(), _random);

        after.CurrentId.ShouldBe("second");
        secrets.Rewrap(new TenantId(1), "test", 7, rewrapped).ShouldBeNull();
        last.Open(new TenantId(1), "test", 7, rewrapped).ShouldBe([1, 2, 3]);
        (last.Knows(rewrapped), last.Knows(stored)).ShouldBe((true, false));
        Should.Throw<PersonalDataUnreadableException>(() => last.Open(new TenantId(1), "test", 8, rewrapped));
    }

    private MasterKeyChanges Changes() => new(_data, new TransitMasterKeys(_stub.Options()), _random);

    private Task<MasterKeys> LoadAsync() => MasterKeys.LoadAsync(_data, null, new TransitMasterKeys(_stub.Options()), _random, Cancellation);

    private Hash128 IndexOf(MasterKeys keys)
    {
        using var vault = new PersonalDataVault(keys, _random);
        return vault.BlindIndex(new TenantId(1), PersonalField.Phone, "13800138000");
    }

    private List<string> KeysInFile()
    {
        var document = JsonDocument.Parse(File.ReadAllText(KeyFile)).RootElement;
        var keys = document.GetProperty("masterKeys").EnumerateArray().Select(entry => entry.GetProperty("key").GetString()!);
        return [.. keys, document.GetProperty("indexKey").GetString()!];
    }

    /// <summary>A transit engine: it checks the token and the path, really encrypts, and answers as the documentation has it
    /// (https://developer.hashicorp.com/vault/api-docs/secret/transit).</summary>
    private sealed class TransitStub : IAsyncDisposable
    {
        private const string Token = "hvs.right";

        private readonly WebApplication _app;
        private readonly ConcurrentDictionary<int, byte[]> _versions = new() { [1] = RandomNumberGenerator.GetBytes(32) };
        private readonly ConcurrentQueue<string> _asked = new();

        private TransitStub(WebApplication app) => _app = app;

        public IReadOnlyList<string> Asked => [.. _asked];

        public bool IsNonsense { get; set; }

        public static async Task<TransitStub> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var stub = new TransitStub(app);
            app.MapPost("/v1/mall/transit/{operation}/{key}", stub.AnswerAsync);
            await app.StartAsync();
            return stub;
        }

        public TransitOptions Options() => new()
        {
            Address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()),
            Token = () => Token,
            Mount = "mall/transit",
            Namespace = "shop",
        };

        public void Rotate() => _versions[_versions.Keys.Max() + 1] = RandomNumberGenerator.GetBytes(32);

        public void ForgetVersion(int version) => _versions.TryRemove(version, out _).ShouldBeTrue();

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        private async Task AnswerAsync(HttpContext context, string operation, string key)
        {
            _asked.Enqueue(operation);
            if (IsNonsense)
            {
                await context.Response.WriteAsync("<html>welcome</html>");
                return;
            }

            var headers = context.Request.Headers;
            if (headers["X-Vault-Token"] != Token || headers["X-Vault-Request"] != "true" || headers["X-Vault-Namespace"] != "shop")
            {
                await RefuseAsync(context, 403, "permission denied");
                return;
            }

            if (key != "laurel")
            {
                await RefuseAsync(context, 400, "encryption key not found");
                return;
            }

            var body = (await JsonDocument.ParseAsync(context.Request.Body)).RootElement;
            try
            {
                object data = operation switch
                {
                    "encrypt" => new { ciphertext = Close(Convert.FromBase64String(body.GetProperty("plaintext").GetString()!)), key_version = _versions.Keys.Max() },
                    "decrypt" => new { plaintext = Convert.ToBase64String(Open(body.GetProperty("ciphertext").GetString()!)) },
                    "rewrap" => new { ciphertext = Close(Open(body.GetProperty("ciphertext").GetString()!)), key_version = _versions.Keys.Max() },
                    _ => throw new KeyNotFoundException("unsupported path"),
                };
                await context.Response.WriteAsJsonAsync(new { request_id = "1", lease_id = "", renewable = false, lease_duration = 0, data, warnings = (object?)null });
            }
            catch (Exception exception) when (exception is CryptographicException or KeyNotFoundException or FormatException)
            {
                await RefuseAsync(context, 400, exception is CryptographicException ? "cipher: message authentication failed" : exception.Message);
            }
        }

        private static Task RefuseAsync(HttpContext context, int status, string error)
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsJsonAsync(new { errors = new[] { error } });
        }

        private string Close(byte[] plain)
        {
            var version = _versions.Keys.Max();
            var bytes = new byte[12 + 16 + plain.Length];
            RandomNumberGenerator.Fill(bytes.AsSpan(0, 12));
            using var aes = new AesGcm(_versions[version], 16);
            aes.Encrypt(bytes.AsSpan(0, 12), plain, bytes.AsSpan(28), bytes.AsSpan(12, 16));
            return $"vault:v{version}:{Convert.ToBase64String(bytes)}";
        }

        private byte[] Open(string text)
        {
            var parts = text.Split(':');
            var bytes = Convert.FromBase64String(parts[2]);
            var plain = new byte[bytes.Length - 28];
            using var aes = new AesGcm(_versions[int.Parse(parts[1].AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)], 16);
            aes.Decrypt(bytes.AsSpan(0, 12), bytes.AsSpan(28), bytes.AsSpan(12, 16), plain);
            return plain;
        }
    }
}
