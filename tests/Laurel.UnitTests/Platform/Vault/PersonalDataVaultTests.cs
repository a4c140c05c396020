using System.Security.Cryptography;
using System.Text;
using Laurel.Kernel;
using Laurel.Platform.Vault;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Vault;

public sealed class PersonalDataVaultTests : IDisposable
{
    private const string Phone = "13800138000";

    private static readonly TenantId s_tenant = new(1);
    private static readonly MemberId s_member = new(7);
    private static readonly string s_old = $"old:{KeyOf(1)}";
    private static readonly string s_new = $"new:{KeyOf(2)}";
    private static readonly string s_index = $"index:{KeyOf(3)}";

    private readonly RandomNumberGenerator _random = RandomNumberGenerator.Create();

    public void Dispose() => _random.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(Phone)]
    [InlineData("张三@例子.中国 😀")]
    public void GivesTheValueBack_When_OpenedWithTheWrappedKey(string value)
    {
        using var vault = VaultWith(s_old);
        using var made = vault.CreateKey(s_tenant, s_member, out var wrapped);
        var encrypted = made.Encrypt(PersonalField.Phone, value);

        using var opened = vault.OpenKey(s_tenant, s_member, wrapped);

        opened.Decrypt(PersonalField.Phone, encrypted).ShouldBe(value);
    }

    [Fact]
    public void ShowsNothing_When_Stored()
    {
        using var vault = VaultWith(s_old);
        using var key = vault.CreateKey(s_tenant, s_member, out var wrapped);

        var first = key.Encrypt(PersonalField.Phone, Phone);
        var second = key.Encrypt(PersonalField.Phone, Phone);

        first.ShouldNotBe(second);
        first.Length.ShouldBe(1 + 12 + 16 + Phone.Length);
        Encoding.Latin1.GetString(first).ShouldNotContain("138");
        wrapped.Length.ShouldBe(2 + "old".Length + 1 + 12 + 16 + 32);
    }

    [Theory]
    [InlineData(2, 7)]
    [InlineData(1, 8)]
    public void StaysShut_When_TheWrappedKeyIsMovedToAnotherMember(int tenant, long member)
    {
        using var vault = VaultWith(s_old);
        vault.CreateKey(s_tenant, s_member, out var wrapped).Dispose();

        Should.Throw<PersonalDataUnreadableException>(() =>
            vault.OpenKey(new TenantId(tenant), new MemberId(member), wrapped));
    }

    [Fact]
    public void StaysShut_When_AValueIsMovedToAnotherField()
    {
        using var vault = VaultWith(s_old);
        using var key = vault.CreateKey(s_tenant, s_member, out _);
        var encrypted = key.Encrypt(PersonalField.Phone, Phone);

        Should.Throw<PersonalDataUnreadableException>(() => key.Decrypt(PersonalField.Email, encrypted));
    }

    [Fact]
    public void StaysShut_When_AnyByteOfAValueIsChanged()
    {
        using var vault = VaultWith(s_old);
        using var key = vault.CreateKey(s_tenant, s_member, out _);
        var encrypted = key.Encrypt(PersonalField.Phone, Phone);

        for (var i = 0; i < encrypted.Length; i++)
        {
            var changed = (byte[])encrypted.Clone();
            changed[i] ^= 1;
            Should.Throw<PersonalDataUnreadableException>(() => key.Decrypt(PersonalField.Phone, changed));
        }
    }

    [Fact]
    public void StaysShut_When_AnyByteOfAWrappedKeyIsChanged()
    {
        using var vault = VaultWith(s_old);
        vault.CreateKey(s_tenant, s_member, out var wrapped).Dispose();

        for (var i = 0; i < wrapped.Length; i++)
        {
            var changed = (byte[])wrapped.Clone();
            changed[i] ^= 1;
            Should.Throw<PersonalDataUnreadableException>(() => vault.OpenKey(s_tenant, s_member, changed));
        }
    }

    [Fact]
    public void StaysShut_When_BytesAreMissing()
    {
        using var vault = VaultWith(s_old);
        using var key = vault.CreateKey(s_tenant, s_member, out var wrapped);
        var encrypted = key.Encrypt(PersonalField.Phone, Phone);

        for (var length = 0; length < encrypted.Length; length++)
        {
            Should.Throw<PersonalDataUnreadableException>(() => key.Decrypt(PersonalField.Phone, encrypted[..length]));
        }

        for (var length = 0; length < wrapped.Length; length++)
        {
            Should.Throw<PersonalDataUnreadableException>(() => vault.OpenKey(s_tenant, s_member, wrapped[..length]));
        }
    }

    [Fact]
    public void IsErased_When_TheWrappedKeyIsForgotten()
    {
        using var vault = VaultWith(s_old);
        using var forgotten = vault.CreateKey(s_tenant, s_member, out _);
        var encrypted = forgotten.Encrypt(PersonalField.Phone, Phone);

        using var another = vault.CreateKey(s_tenant, s_member, out _);

        Should.Throw<PersonalDataUnreadableException>(() => another.Decrypt(PersonalField.Phone, encrypted));
    }

    [Fact]
    public void StillReads_When_TheMasterKeyWasRotated()
    {
        using var before = VaultWith(s_old);
        using var made = before.CreateKey(s_tenant, s_member, out var wrapped);
        var encrypted = made.Encrypt(PersonalField.Phone, Phone);

        using var rotated = VaultWith(s_new, s_old);
        var secrets = new SecretVault(MasterKeys.Parse($"{s_new},{s_old},{s_index}"), _random);
        using (var opened = rotated.OpenKey(s_tenant, s_member, wrapped))
        {
            opened.Decrypt(PersonalField.Phone, encrypted).ShouldBe(Phone);
        }

        var rewrapped = secrets.Rewrap(s_tenant, PersonalDataVault.KeyPurpose, s_member.Value, wrapped).ShouldNotBeNull();

        // Once all is rewrapped the old key may go.
        using var after = VaultWith(s_new);
        using (var opened = after.OpenKey(s_tenant, s_member, rewrapped))
        {
            opened.Decrypt(PersonalField.Phone, encrypted).ShouldBe(Phone);
        }

        secrets.Rewrap(s_tenant, PersonalDataVault.KeyPurpose, s_member.Value, rewrapped).ShouldBeNull();
        Should.Throw<PersonalDataUnreadableException>(() => after.OpenKey(s_tenant, s_member, wrapped));
    }

    [Fact]
    public void FindsTheSameValue_When_TheMasterKeyWasRotated()
    {
        using var before = VaultWith(s_old);
        using var after = VaultWith(s_new, s_old);

        after.BlindIndex(s_tenant, PersonalField.Phone, Phone)
            .ShouldBe(before.BlindIndex(s_tenant, PersonalField.Phone, Phone));
    }

    [Theory]
    [InlineData(2, PersonalField.Phone, Phone)]
    [InlineData(1, PersonalField.Email, Phone)]
    [InlineData(1, PersonalField.Phone, "13800138001")]
    [InlineData(1, PersonalField.Phone + "1", "3800138000")]
    public void HasAnotherIndex_When_TenantFieldOrValueDiffers(int tenant, string field, string value)
    {
        using var vault = VaultWith(s_old);

        vault.BlindIndex(new TenantId(tenant), field, value)
            .ShouldNotBe(vault.BlindIndex(s_tenant, PersonalField.Phone, Phone));
    }

    [Fact]
    public void HasAnotherIndex_When_TheIndexKeyDiffers()
    {
        using var vault = VaultWith(s_old);
        using var other = new PersonalDataVault(MasterKeys.Parse($"{s_old},index:{KeyOf(9)}"), _random);

        other.BlindIndex(s_tenant, PersonalField.Phone, Phone)
            .ShouldNotBe(vault.BlindIndex(s_tenant, PersonalField.Phone, Phone));
    }

    /// <summary>Stored bytes and indexes outlive releases. The samples were reckoned by another implementation of
    /// AES-GCM, HKDF and HMAC, so they prove the layout too.</summary>
    [Fact]
    public void ReadsWhatTheFirstReleaseWrote_When_OpenedToday()
    {
        using var vault = VaultWith(s_old);
        using var key = vault.OpenKey(s_tenant, s_member, Convert.FromHexString(Samples.WrappedKey));

        key.Decrypt(PersonalField.Phone, Convert.FromHexString(Samples.Phone)).ShouldBe(Phone);
        Convert.ToHexString(vault.BlindIndex(s_tenant, PersonalField.Phone, Phone).ToBytes()).ShouldBe(Samples.Index);
    }

    private static string KeyOf(byte fill) => Convert.ToBase64String(Enumerable.Repeat(fill, 32).ToArray());

    private PersonalDataVault VaultWith(params string[] keys) =>
        new(MasterKeys.Parse(string.Join(',', [.. keys, s_index])), _random);

    private static class Samples
    {
        public const string WrappedKey =
            "01036F6C6401000102030405060708090A0B863698056ACC1F14F4B57F0C5D959083"
            + "BBA7972524FB007EF663EDCF2C64C6ACBED77919E184531769D3229BBD9A23AD";
        public const string Phone = "010C0D0E0F101112131415161737296EB85146F09FB0B9DF1086116E2AA9CD51E84F47CF6B071A78";
        public const string Index = "9FA66957B630C7F1438EE3DA55E84A50";
    }
}
