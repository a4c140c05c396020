using System.Net;
using Laurel.Platform.Outside;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Platform.Webhooks;

/// <summary>E5: where a webhook may lead. Every way to write an address that only this server can reach is refused.</summary>
public sealed class AddressRuleTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("100.127.255.255")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.1")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.7")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::7f00:1")] // IPv4-compatible
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::ffff:0:127.0.0.1")] // IPv4-translated
    [InlineData("64:ff9b::127.0.0.1")] // NAT64
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")] // discard
    [InlineData("2001::1")] // Teredo
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")] // 6to4 of 127.0.0.1
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [Trait("Attack", "E5")]
    public void IsRefused_When_AnAddressIsNotPublic(string address) => new AddressRule([]).Allows(IPAddress.Parse(address)).ShouldBeFalse();

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("8.8.8.8")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.1")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.1")]
    [InlineData("192.167.255.255")]
    [InlineData("223.255.255.254")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001:80b::200e")]
    public void IsAllowed_When_AnAddressIsPublic(string address) => new AddressRule([]).Allows(IPAddress.Parse(address)).ShouldBeTrue();

    [Fact]
    public void IsAllowed_When_TheOperatorNamedItsNetwork()
    {
        var rule = new AddressRule([IPNetwork.Parse("10.1.0.0/16"), IPNetwork.Parse("fd12::/16")]);

        rule.Allows(IPAddress.Parse("10.1.2.3")).ShouldBeTrue();
        rule.Allows(IPAddress.Parse("::ffff:10.1.2.3")).ShouldBeTrue();
        rule.Allows(IPAddress.Parse("fd12::1")).ShouldBeTrue();
        rule.Allows(IPAddress.Parse("10.2.0.1")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("http://example.com/")]
    [InlineData("ftp://example.com/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("gopher://example.com/")]
    [InlineData("example.com/hook")]
    [InlineData("//example.com/hook")]
    [InlineData("https://")]
    [InlineData("https:///hook")]
    [InlineData("https://user:secret@example.com/")]
    [InlineData("https://user@example.com/")]
    [InlineData("https://example.com/#part")]
    [InlineData("https://example.com:22/")]
    [InlineData("https://example.com:25/")]
    [InlineData("https://example.com:0/")]
    [InlineData("https://exam ple.com/")]
    [InlineData("https://example.com/\r\nX-Injected: 1")]
    [InlineData("https:\\\\example.com\\hook")]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://127.1/")]
    [InlineData("https://2130706433/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("https://0x7f.0.0.1/")]
    [InlineData("https://0177.0.0.1/")]
    [InlineData("https://169.254.169.254/latest/meta-data/")]
    [InlineData("https://2852039166/")]
    [InlineData("https://0/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:127.0.0.1]/")]
    [InlineData("https://[::ffff:7f00:1]/")]
    [InlineData("https://[fe80::1%25eth0]/")]
    [InlineData("https://[64:ff9b::7f00:1]/")]
    [InlineData("https://[fd00:ec2::254]/")]
    public void IsRefused_When_AUrlIsNotOneOfAPublicWebServer(string url) => Url().FaultOf(url, out _).ShouldNotBeNull();

    [Theory]
    [InlineData("https://example.com/hook")]
    [InlineData("https://example.com:8443/hook?tenant=1")]
    [InlineData("https://示例.中国/钩子")]
    [InlineData("https://93.184.216.34/")]
    [InlineData("https://[2606:4700:4700::1111]/")]
    public void IsTaken_When_AUrlIsOneOfAPublicWebServer(string url) => Url().FaultOf(url, out _).ShouldBeNull();

    [Fact]
    public void MayBePlain_When_TheOperatorAllowsIt()
    {
        Url(allowHttp: true).FaultOf("http://example.com/", out _).ShouldBeNull();
        Url(allowHttp: true).FaultOf("http://127.0.0.1/", out _).ShouldNotBeNull();
        Url(allowHttp: true).FaultOf("ftp://example.com/", out _).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(true, "93.184.216.34")]
    [InlineData(false, "10.0.0.7")]
    [InlineData(false, "93.184.216.34", "10.0.0.7")]
    public async Task IsJudgedByAllItsAddresses_When_AHostIsAName(bool allowed, params string[] addresses)
    {
        var fault = await Url(false, addresses).FaultOfHostAsync(new Uri("https://shop.example/"), TestContext.Current.CancellationToken);

        (fault is null).ShouldBe(allowed);
    }

    private static PublicUrl Url(bool allowHttp = false, params string[] addresses) =>
        new(new AddressRule([]), allowHttp, (_, _) => Task.FromResult(Array.ConvertAll(addresses, IPAddress.Parse)));
}
