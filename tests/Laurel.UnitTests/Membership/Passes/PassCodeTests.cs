using System.Security.Cryptography;
using Laurel.Kernel;
using Laurel.Membership.Passes;
using Laurel.Platform.Vault;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Membership.Passes;

/// <summary>Codes of members' cards: whose they are, for how long they count, and that nobody makes one up.</summary>
public sealed class PassCodeTests
{
    private static readonly TenantId s_tenant = new(1);
    private static readonly MemberId s_member = new(1_234_567_890_123_456_789);
    private static readonly Instant s_now = Instant.From(new DateTimeOffset(2026, 3, 1, 12, 0, 30, TimeSpan.Zero));

    private readonly SecretVault _secrets = VaultOf(1);

    [Fact]
    public void SaysWhoItIsForTwoMinutes_When_ItIsShown()
    {
        var code = PassCode.Write(_secrets, s_tenant, s_member, PassCode.StepOf(s_now));

        code.Length.ShouldBe(PassCode.Length);
        code.ShouldMatch("^L1[A-Z2-7]{36}$");
        Read(code, 0).ShouldBe((PassVerdict.Valid, s_member, PassCode.StepOf(s_now)));
        Read(" " + code.ToLowerInvariant() + "\r\n", 0).Verdict.ShouldBe(PassVerdict.Valid);
        Read(code, 89).Verdict.ShouldBe(PassVerdict.Valid);
        Read(code, 90).Verdict.ShouldBe(PassVerdict.Expired);
        Read(code, -90).Verdict.ShouldBe(PassVerdict.Valid);
        Read(code, -91).Verdict.ShouldBe(PassVerdict.Expired);
        PassCode.Write(_secrets, s_tenant, s_member, PassCode.StepOf(s_now) + 1).ShouldNotBe(code);
    }

    [Fact]
    public void IsWorthNothing_When_AnyLetterIsAnotherOrItIsOfAnother()
    {
        var code = PassCode.Write(_secrets, s_tenant, s_member, PassCode.StepOf(s_now));

        for (var i = 0; i < code.Length; i++)
        {
            foreach (var letter in "AQ7 1")
            {
                var other = code[..i] + letter + code[(i + 1)..];
                if (other != code)
                {
                    Read(other, 0).Verdict.ShouldBe(PassVerdict.Invalid, other);
                }
            }
        }

        Read(code[..^1], 0).Verdict.ShouldBe(PassVerdict.Invalid);
        Read(code + "A", 0).Verdict.ShouldBe(PassVerdict.Invalid);
        Read("", 0).Verdict.ShouldBe(PassVerdict.Invalid);
        PassCode.Read(_secrets, new TenantId(2), code, s_now).Verdict.ShouldBe(PassVerdict.Invalid);
        PassCode.Read(VaultOf(2), s_tenant, code, s_now).Verdict.ShouldBe(PassVerdict.Invalid);
        Convert.ToHexString(_secrets.Derive(s_tenant, "a")).ShouldNotBe(Convert.ToHexString(_secrets.Derive(s_tenant, "b")));
    }

    private (PassVerdict Verdict, MemberId Member, long Step) Read(string code, int seconds) =>
        PassCode.Read(_secrets, s_tenant, code, s_now.Plus(TimeSpan.FromSeconds(seconds)));

    private static SecretVault VaultOf(byte seed)
    {
        string Key(byte add) => Convert.ToBase64String([.. Enumerable.Repeat((byte)(seed + add), MasterKeys.KeyLength)]);
        return new SecretVault(MasterKeys.Parse($"k1:{Key(0)},{MasterKeys.IndexKeyId}:{Key(7)}"), RandomNumberGenerator.Create());
    }
}
