#!/usr/bin/perl
# What SpamAssassin itself hits: one process for all messages, local tests only, no Bayes, no
# network, nothing of the user's. For tests/import/parity.py.
# Usage: assassin.pl RULES SITE FILE...      one JSON line a message: {"file": .., "hits": {NAME: times}}
#        assassin.pl RULES SITE --zone ZONE FILE...      what it shows to rules of that kind
# SPDX-License-Identifier: GPL-2.0-or-later
use strict;
use warnings;
use Mail::SpamAssassin;
use Mail::SpamAssassin::PerMsgStatus;

my ($rules, $site, @files) = @ARGV;
my $zone = '';
if (@files && $files[0] eq '--zone') {
  shift @files;
  $zone = shift @files;
}
my $home = $ENV{HOME_FOR_TEST} || '/nonexistent';
my $main = Mail::SpamAssassin->new({
  rules_filename => $rules,
  site_rules_filename => $site,
  userprefs_filename => "$home/none",
  userstate_dir => $home,
  home_dir_for_helpers => $home,
  dont_copy_prefs => 1,
  local_tests_only => 1,
  post_config_text => "use_bayes 0\nskip_rbl_checks 1\nuse_dcc 0\nuse_pyzor 0\nuse_razor2 0\n",
});
$main->init(0);

sub text { my ($s) = @_; $s =~ s/(["\\])/\\$1/g; $s =~ s/([\x00-\x1f])/sprintf('\\u%04x', ord($1))/ge; return "\"$s\""; }

$| = 1;
for my $file (@files) {
  open(my $in, '<', $file) or die "$file: $!";
  binmode $in;
  my $raw = do { local $/; <$in> };
  close $in;
  my $message = $main->parse($raw, 1);
  my $status = Mail::SpamAssassin::PerMsgStatus->new($main, $message);
  if ($zone ne '') {
    $status->check() if $zone =~ /^(?:uri|header:)/;
    my @pieces =
      $zone eq 'body' ? @{$status->get_decoded_stripped_body_text_array()}
      : $zone eq 'rawbody' ? @{$status->get_decoded_body_text_array()}
      : $zone eq 'uri' ? sort($status->get_uri_list())
      : $zone =~ /^header:(.*)/ ? do { my @h = $status->get($1); @h ? join($h[0] =~ /\n\z/ ? '' : "\n", @h) : () }
      : ();
    print "== $file\n", map { "$_|\n" } @pieces;
  } else {
    $status->check();
    my $hit = $status->{tests_already_hit};
    print '{"file": ', text($file), ', "hits": {',
      join(', ', map { text($_) . ': ' . (0 + $hit->{$_}) } grep { $hit->{$_} } sort keys %$hit), "}}\n";
  }
  $status->finish();
  $message->finish();
}
