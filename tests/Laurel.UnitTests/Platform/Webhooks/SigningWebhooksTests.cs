using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;
using Laurel.Platform.Vault;
using Laurel.Platform.Webhooks;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Webhooks;

/// <summary>Signatures as receivers compute them. The first vector is that of the Standard Webhooks libraries; the second was computed
/// with <c>openssl dgst -sha256 -mac HMAC</c>.</summary>
public sealed class SigningWebhooksTests
{
    private const string Published = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private static readonly byte[] s_published = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    private static readonly byte[] s_other = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    [Trait("Attack", "E9")]
    public void AreThePublishedOnes_When_TheVectorIsSigned() =>
        WebhookSecret.Sign([s_published], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, """{"test": 2432232314}"""u8).ShouldBe(Published);

    [Fact]
    public void AreOverTheBytes_When_TheBodyIsNotAscii() =>
        WebhookSecret.Sign([s_other], "911852878417625088-0", 1_763_712_000, Encoding.UTF8.GetBytes("""{"data":{"名":"积分"}}"""))
            .ShouldBe("v1,BaQc2B20LhRkqdGQ3PHCKHP/L2GWrq36j+qOd2J9RGw=");

    [Fact]
    public void AreOneForEachSecret_When_ASecretWasRotated()
    {
        var header = WebhookSecret.Sign([s_other, s_published], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, """{"test": 2432232314}"""u8);

        header.Split(' ').Length.ShouldBe(2);
        header.ShouldEndWith(" " + Published);
    }

    [Theory]
    [InlineData("msg_p5jXN8AQM9LWM0D4loKWxJel", 1_614_265_330, "{\"test\": 2432232314}")]
    [InlineData("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_331, "{\"test\": 2432232314}")]
    [InlineData("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232315}")]
    public void Differ_When_AnythingDiffers(string id, long timestamp, string body) =>
        WebhookSecret.Sign([s_published], id, timestamp, Encoding.UTF8.GetBytes(body)).ShouldNotBe(Published);

    [Fact]
    public void AreShownWithTheirPrefix_When_ASecretIsGivenOut() =>
        WebhookSecret.Show(s_published).ShouldBe("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    [Fact]
    public void OpenOnlyWhereTheyBelong_When_SecretsAreStored()
    {
        var vault = new SecretVault(MasterKeys.Parse($"a:{Key(1)},index:{Key(2)}"), RandomNumberGenerator.Create());
        var stored = vault.Seal(new TenantId(1), "webhook secret", 7, s_other);

        stored.AsSpan().IndexOf(s_other).ShouldBe(-1);
        vault.Open(new TenantId(1), "webhook secret", 7, stored).ShouldBe(s_other);
        Should.Throw<PersonalDataUnreadableException>(() => vault.Open(new TenantId(2), "webhook secret", 7, stored));
        Should.Throw<PersonalDataUnreadableException>(() => vault.Open(new TenantId(1), "webhook secret", 8, stored));
        Should.Throw<PersonalDataUnreadableException>(() => vault.Open(new TenantId(1), "another purpose", 7, stored));
        stored[^1] ^= 1;
        Should.Throw<PersonalDataUnreadableException>(() => vault.Open(new TenantId(1), "webhook secret", 7, stored));
    }

    [Fact]
    [Trait("Attack", "D6")]
    public void AreReadableStill_When_TheMasterKeyWasRotated()
    {
        var random = RandomNumberGenerator.Create();
        var stored = new SecretVault(MasterKeys.Parse($"old:{Key(1)},index:{Key(2)}"), random).Seal(new TenantId(1), "webhook secret", 7, s_other);

        new SecretVault(MasterKeys.Parse($"new:{Key(3)},old:{Key(1)},index:{Key(2)}"), random).Open(new TenantId(1), "webhook secret", 7, stored).ShouldBe(s_other);
        Should.Throw<PersonalDataUnreadableException>(
            () => new SecretVault(MasterKeys.Parse($"new:{Key(3)},index:{Key(2)}"), random).Open(new TenantId(1), "webhook secret", 7, stored));
    }

    private static string Key(byte fill) => Convert.ToBase64String([.. Enumerable.Repeat(fill, 32)]);
}
